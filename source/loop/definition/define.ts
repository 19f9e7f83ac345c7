/** Turns checked front matter and body into the loop as the rest of the program knows it, every default filled in. */
import { defineGates } from './define-gates.ts';
import type { AgentDefinition, Checking, EngineName, LoopDefinition, Rung } from './definition.ts';
import { budgets, fanOut, listing } from './fan-out.ts';
import { heartbeat } from './heartbeat.ts';
import { onSuccess } from './on-success.ts';
import { valueAt } from './problem.ts';
import type { AgentFrontMatter } from './schema/agent.ts';
import type { FrontMatter } from './schema/front-matter.ts';
import { onHit } from './triage.ts';

const FIRST_MAKER: AgentDefinition = {
  engine: 'claude',
  model: 'standard',
  effort: null,
  turns: null,
  permission: 'acceptEdits',
  tools: { allow: [], deny: [] },
  run: null,
  scenario: null,
};

/** @param written the front matter as it stands in the file, without defaults */
export function define(front: FrontMatter, written: unknown, prompts: LoopDefinition['prompts']): LoopDefinition {
  const triages = front.agents.triage !== undefined && front.agents.maker === undefined;
  const maker = triages ? agent(front.agents.triage, FIRST_TRIAGE) : agent(front.agents.maker, FIRST_MAKER);
  const { budget, perItem } = budgets(front, written);
  const fan = fanOut(front, perItem);
  return {
    name: front.name,
    description: front.description,
    enabled: front.enabled,
    kind: front.kind,
    on: heartbeat(front.on),
    discover: listing(front),
    onHit: onHit(front),
    fanOut: fan,
    goal: front.goal,
    maker,
    leads: triages ? 'triage' : 'maker',
    triage: front.agents.triage === undefined || triages ? null : agent(front.agents.triage, reader(maker, 'cheap')),
    checker: checking(front, maker),
    reflector: front.agents.reflector === undefined ? null : agent(front.agents.reflector, reader(maker, 'cheap')),
    escalate: front.escalate ? front.escalate.map((rung) => climb(rung, maker)) : triages ? [] : usualLadder(maker),
    gates: defineGates(front).filter(({ when }) => when !== 'merge'),
    budget,
    daily: { tokens: front.budget.daily?.tokens ?? null, usd: front.budget.daily?.usd ?? null },
    usdPerMinute: front.budget['usd-per-minute'] ?? null,
    reserve: reserve(front),
    onExhausted: front.budget['on-exhausted'],
    keepBest: front.budget['keep-best'] ?? null,
    stuck: front.stuck,
    meter: front.meter ?? null,
    warnAt: [...new Set(front.budget['warn-at'])].sort((a, b) => a - b),
    review: { maxUnreadLines: front.review?.['max-unread-lines'] ?? null },
    isolation: isolation(front),
    context: {
      skills: [...new Set(front.context.skills)],
      mcp: front.context.mcp === undefined ? null : [...new Set(front.context.mcp)],
      files: front.context.files,
      rules: front.context.rules,
      state: front.context.state ?? null,
      progress: front.context.progress ?? null,
    },
    commit: front['on-success'].commit ?? commitMessage(front),
    onSuccess: onSuccess(front),
    followedBy: [...new Set(front['on-success'].then)],
    notify: { success: front['on-success'].notify ?? null, failure: front['on-failure']?.notify ?? null },
    // A fan has its own limit; one that the file puts on the loop's runs holds beside it.
    concurrency: {
      max:
        fan !== null && valueAt(written, ['concurrency', 'max']) === undefined
          ? fan.maxParallel
          : front.concurrency.max,
    },
    group: front.concurrency.group ?? null,
    whenBusy: front.concurrency['when-busy'],
    prompts,
  };
}

/** Ranks and never edits. */
const FIRST_TRIAGE: AgentDefinition = { ...FIRST_MAKER, model: 'cheap', permission: 'plan' };

/** A role that only reads, on the maker's engine. */
const reader = ({ engine, run, scenario }: AgentDefinition, model: string): AgentDefinition => ({
  ...FIRST_MAKER,
  engine,
  run,
  scenario,
  model,
  permission: 'plan',
});

/** By the `agents.checker` role, a gate of that type, or both. Unless the file says so it is another model than the maker's. */
function checking({ agents, gates }: FrontMatter, maker: AgentDefinition): Checking | null {
  const gate = gates.find(({ type }) => type === 'checker');
  if (agents.checker === undefined && gate === undefined) return null;
  const other = maker.model === 'strong' ? 'standard' : 'strong';
  return {
    agent: agent(agents.checker, reader(maker, other)),
    gate: gate?.id ?? 'checker',
    votes: gate?.votes ?? 1,
    onUncertain: gate?.['on-uncertain'] ?? 'fail',
    sample: gate?.sample ?? 1,
  };
}

/** What `over` does not say is `base`'s, but for what means something to one engine only. */
function agent(over: AgentFrontMatter | undefined, base: AgentDefinition): AgentDefinition {
  const engine = over?.engine ?? base.engine;
  const same: AgentDefinition = engine === base.engine ? base : { ...FIRST_MAKER, engine, permission: base.permission };
  const named = over?.agent ?? same.agent;
  const made: AgentDefinition = {
    engine,
    model: over?.model ?? same.model,
    effort: over?.effort ?? same.effort,
    turns: over?.turns ?? same.turns,
    permission: over?.permission ?? same.permission,
    tools: { allow: over?.tools?.allow ?? same.tools.allow, deny: over?.tools?.deny ?? same.tools.deny },
    run: over?.run ?? same.run,
    ...(named === undefined ? {} : { agent: named }),
    scenario: over?.scenario ?? same.scenario,
  };
  return over?.['read-only'] === true ? onlyReading(made) : made;
}

/** Tools that change files, by the names that each engine gives them; codex's sandbox of permission `plan` does without. */
const EDITING: Readonly<Partial<Record<EngineName, readonly string[]>>> = {
  claude: ['Edit', 'Write', 'NotebookEdit'],
  scripted: ['Edit', 'Write', 'NotebookEdit'],
  gemini: ['replace', 'write_file'],
  grok: ['Edit', 'Write'],
  opencode: ['edit'],
};

/** Both, for a permission is a mode that an engine may leave, and a denied tool is not there. */
function onlyReading(agent: AgentDefinition): AgentDefinition {
  const { allow, deny } = agent.tools;
  const never = EDITING[agent.engine] ?? [];
  const tools = {
    allow: allow.filter((tool) => !never.includes(tool.split('(')[0] ?? '')),
    deny: [...new Set([...deny, ...never])],
  };
  return { ...agent, permission: 'plan', tools };
}

/** Twice the same is a pattern; a number that stands still needs one pass more (domain table: 3 passes). */
const USUAL_COUNT: Readonly<Record<string, number>> = { 'same-failure': 2, 'no-improvement': 3 };

function climb(rung: NonNullable<FrontMatter['escalate']>[number], maker: AgentDefinition): Rung {
  return {
    when: rung.when,
    count: rung.count ?? USUAL_COUNT[rung.when] ?? 1,
    maker: rung.maker ? agent(rung.maker, maker) : null,
  };
}

/** Of roles that nobody plays nothing is kept back. */
function reserve({ budget, agents }: FrontMatter): LoopDefinition['reserve'] {
  return Object.fromEntries(
    Object.entries(budget.reserve).filter(([role]) => Object.hasOwn(agents, role)),
  ) as LoopDefinition['reserve'];
}

/** None where it would change nothing: the maker is strong already, or a command that knows no models. */
function usualLadder(maker: AgentDefinition): Rung[] {
  if (maker.model === 'strong' || maker.engine === 'shell') return [];
  return [{ when: 'same-failure', count: 2, maker: { ...maker, model: 'strong' } }];
}

function isolation({ isolation }: FrontMatter): LoopDefinition['isolation'] {
  const { type, base = null, branch = null, setup = null, teardown = null, copy = [], keep, ttl = null } = isolation;
  const setupTimeoutMs = isolation['setup-timeout'];
  return { type, base, branch, setup, setupTimeoutMs, teardown, copy, keep, ttlMs: ttl };
}

/** The goal's first words under the loop's name. Git shows 72 characters of a subject. */
function commitMessage({ name, goal }: FrontMatter): string {
  const subject = `loop(${name}): ${goal.replace(/\s+/g, ' ')}`;
  return subject.length <= 72 ? subject : `${subject.slice(0, 71)}…`;
}
