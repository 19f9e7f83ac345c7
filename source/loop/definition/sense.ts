/** What a loop file must hold beyond what the type of each key says: rules between keys, true in every version. */
import { senseOfFanOut } from './fan-out.ts';
import { type Path, type Remark, valueAt } from './problem.ts';
import type { AgentFrontMatter } from './schema/agent.ts';
import type { FrontMatter } from './schema/front-matter.ts';
import { senseOfGates } from './sense-of-gates.ts';

/** @param written the front matter as it stands in the file, without defaults @param stem the file's name without folder and .md */
export function makesSense(front: FrontMatter, written: unknown, stem: string): Remark[] {
  return [
    ...itsName(front, stem),
    ...itsTrigger(front),
    ...itsOwnEnd(front),
    ...itsKind(front, written),
    ...itsLanding(front),
    ...senseOfGates(front, written),
    ...agentKeys(front.agents.maker, front.agents.maker?.engine ?? 'claude', ['agents', 'maker']),
    ...itsTriage(front),
    ...hits(front),
    ...senseOfFanOut(front),
    ...ladder(front),
    ...besideMaker(front),
    ...goesRound(front),
  ];
}

function itsName({ name }: FrontMatter, stem: string): Remark[] {
  return name === stem ? [] : [{ path: ['name'], message: `expected ${JSON.stringify(stem)}, the name of the file` }];
}

function itsTrigger({ on }: FrontMatter): Remark[] {
  if (typeof on === 'string') return [];
  const some = on.manual || on.every || on.cron || on.watch || on.event || on.after;
  return some
    ? []
    : [{ path: ['on'], message: 'expected at least one of manual, every, cron, watch, event and after' }];
}

/** A loop that fires at its own end never rests. */
function itsOwnEnd({ on, name }: FrontMatter): Remark[] {
  if (typeof on === 'string' || on.after?.loop !== name) return [];
  return [{ path: ['on', 'after', 'loop'], message: 'expected another loop: after itself it would never rest' }];
}

function itsKind({ kind, gates, agents }: FrontMatter, written: unknown): Remark[] {
  if (kind === 'open') {
    const budget = valueAt(written, ['budget']);
    const capped = ['tokens', 'usd', 'wall', 'passes'].some((cap) => valueAt(budget, [cap]) !== undefined);
    if (capped) return [];
    return [
      { path: ['budget'], message: 'a loop of kind open needs a budget of its own: tokens, usd, wall or passes' },
    ];
  }
  // What a triage says is read by its form; it needs no other judge.
  if (gates.length === 0 && agents.triage !== undefined && agents.maker === undefined) return [];
  if (gates.length === 0)
    return [{ path: ['gates'], message: 'a loop of kind closed needs at least one gate, such as gates: [npm test]' }];
  // A gate that only landing would run keeps no run from being green.
  const deciding = gates.filter((gate) => gate.when !== 'merge');
  if (deciding.length === 0)
    return [{ path: ['gates'], message: 'at least one gate must be of when: pass or final', found: '' }];
  return deciding.some((gate) => gate.required)
    ? []
    : [{ path: ['gates'], message: 'at least one gate must be required, or every run is green', found: '' }];
}

/** Exploration is looked at, never landed; and what lands as a request does not land by itself as well. */
function itsLanding({ kind, 'on-success': { push, pr, merge } }: FrontMatter): Remark[] {
  const at = (key: string, message: string): Remark[] => [{ path: ['on-success', key], message, found: '' }];
  if (kind === 'open') {
    const never = 'a loop of kind open can never push or merge';
    if (push) return at('push', never);
    if (pr !== undefined) return at('pr', never);
    return merge === 'auto' ? at('merge', never) : [];
  }
  return merge === 'auto' && pr !== undefined ? at('merge', 'auto contradicts pr: keep one of them') : [];
}

/** Which loop spends money without being asked is the file's to say, never the agent's. */
function hits({ 'on-hit': onHit, agents }: FrontMatter): Remark[] {
  return onHit?.mode === 'auto' && onHit['promote-to'] === undefined && agents.maker === undefined
    ? [{ path: ['on-hit', 'promote-to'], message: 'missing, mode auto needs the loop that takes the hits', found: '' }]
    : [];
}

/** Beside a maker it is of the maker's engine where it names none. */
function itsTriage({ agents: { triage, maker = {} } }: FrontMatter): Remark[] {
  if (triage === undefined) return [];
  const makers = maker.engine ?? 'claude';
  const engine = triage.engine ?? makers;
  return agentKeys(triage, engine, ['agents', 'triage'], engine === makers ? maker : {});
}

/** What is handed over has been chosen already. */
function besideMaker({ agents, discover }: FrontMatter): Remark[] {
  if (agents.triage === undefined || agents.maker === undefined || discover !== undefined) return [];
  const message = 'beside a maker it ranks what discover finds, and this loop has none';
  return [{ path: ['agents', 'triage'], message, found: '' }];
}

function goesRound({ name, 'on-success': { then: next } }: FrontMatter): Remark[] {
  const index = next.indexOf(name);
  return index < 0
    ? []
    : [{ path: ['on-success', 'then', index], message: 'expected another loop: after itself it would never rest' }];
}

/** `run` and `scenario` belong to one engine each, which cannot do without. */
function agentKeys(
  agent: AgentFrontMatter | undefined,
  engine: string,
  path: Path,
  inherited: AgentFrontMatter = {},
): Remark[] {
  const remarks: Remark[] = [];
  for (const [key, owner, what] of [
    ['run', 'shell', 'a command'],
    ['scenario', 'scripted', 'a file'],
  ] as const) {
    const has = agent?.[key] !== undefined;
    if (has && engine !== owner)
      remarks.push({ path: [...path, key], message: `belongs to engine ${owner}, this is ${engine}` });
    if (!has && engine === owner && inherited[key] === undefined)
      remarks.push({ path: [...path, key], message: `missing, engine ${owner} needs ${what}`, found: '' });
  }
  return remarks;
}

function ladder({ escalate, agents }: FrontMatter): Remark[] {
  return (escalate ?? []).flatMap((rung, index) => {
    const path: Path = ['escalate', index];
    if ((rung.maker === undefined) === (rung.to === undefined))
      return [{ path, message: 'a rung needs either a maker or to: human', found: '' }];
    if (rung.maker === undefined) return [];
    const maker = agents.maker ?? {};
    const engine = rung.maker.engine ?? maker.engine ?? 'claude';
    return agentKeys(rung.maker, engine, [...path, 'maker'], engine === (maker.engine ?? 'claude') ? maker : {});
  });
}
