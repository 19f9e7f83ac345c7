/** Plans the next agent process of a run: its prompt, its command line, its folder. It is started by `attend`, after the plan is in the journal. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Books, Engine, Launch } from '../../agents/engine.ts';
import { engineOf } from '../../agents/engines.ts';
import { checkerPrompt } from '../../loop/crew/checker-prompt.ts';
import { isMaker, nextRole, playerOf, resolveModel } from '../../loop/crew/crew.ts';
import { dueReflection } from '../../loop/crew/reflection.ts';
import { reflectorPrompt } from '../../loop/crew/reflector-prompt.ts';
import { triagePrompt } from '../../loop/crew/triage-prompt.ts';
import type { Role } from '../../loop/definition/definition.ts';
import { filesIn } from '../../loop/draft-rule.ts';
import { recordLines } from '../../loop/prompt/memory.ts';
import { type Beginning, type Composed, compose } from '../../loop/prompt.ts';
import { type About, rulesFor } from '../../loop/rule-life.ts';
import { isRed, lastRedPass } from '../../loop/run-status.ts';
import type { RunState } from '../../loop/state.ts';
import { takers } from '../../loop/triage/promote.ts';
import type { AgentId, RunId } from '../../loop/units.ts';
import { lengthsOf } from '../books.ts';
import { setDesk } from '../desk.ts';
import { agentFolder, type House, itemFile, runEnvironment, runOf, standingWorktree } from '../house.ts';
import { readProgress } from '../memory/progress.ts';
import { skillsOf } from '../memory/skills.ts';
import { serversFor } from './provide.ts';

/** Characters of the progress file that a prompt recalls: its end. */
const PROGRESS_SHOWN = 6000;

export async function plan(house: House, id: RunId): Promise<void> {
  const run = runOf(house, id);
  const role = nextRole(run);
  const player = playerOf(run, role);
  const engine = engineOf(player.engine);
  if (engine === null) {
    const detail = `engine ${player.engine} is not in this version`;
    await house.ledger.record({ type: 'run-failed', run: id, why: 'config', detail });
    return;
  }
  const worktree = await standingWorktree(run);
  const agent = `${run.pass}-${role}${run.agents === 0 ? '' : `.${run.agents + 1}`}` as AgentId;
  const folder = agentFolder(house, id, agent);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Who only ranks or judges begins anew: there is nothing in its session to go on with.
  const beginning = role === 'maker' ? beginningOf(run, engine) : 'fresh';
  const resume = beginning === 'resume' ? (run.session?.id ?? null) : null;
  const prompt = await promptFor(house, run, role, { beginning, worktree, folder });
  const model = isMaker(role) ? run.model : resolveModel(player, house.ledger.state.settings);
  const promptFile = join(folder, 'prompt.md');
  const wire = meterOf(house, run) === 'wire' && engine.abilities.wire ? house.wire : null;
  const launch = engine.start({
    agent: player,
    model,
    prompt: prompt.text,
    promptFile,
    worktree,
    repository: house.repository.root,
    resume,
    session: randomUUID(),
    usdLeft: Math.max(0.01, run.budget.usd - run.meter.total.usd),
    command: house.command(player.engine),
    wire: wire?.address(run, agent) ?? null,
    env: runEnvironment(house, run),
    reads: run.trust === 'untrusted' ? [itemFile(house, run)] : [],
    mcp: await serversFor(house, run, role, engine, worktree),
  });
  const env = wire === null ? launch.env : { ...launch.env, ...pastProxies(process.env) };
  await writeFile(promptFile, prompt.text, { mode: 0o600 });
  for (const [name, text] of Object.entries(launch.files ?? {}))
    await writeFile(join(folder, name), text, { mode: 0o600 });
  await writeFile(join(folder, 'argv.json'), `${JSON.stringify({ ...launch, env }, null, 2)}\n`, { mode: 0o600 });
  await house.ledger.record({
    type: 'agent-planned',
    run: id,
    agent,
    role,
    engine: engine.name,
    model,
    resumes: resume,
    // Notes are for whoever does the work, and an engine may have a mode of one shot beside the one that listens.
    guidance: isMaker(role) && engine.abilities.liveGuidance && launch.stdin.kind === 'live',
    promptHash: createHash('sha256').update(prompt.text).digest('hex'),
    rules: prompt.rules,
    notes: prompt.notes,
    ...(engine.books === undefined
      ? {}
      : { books: await booksBefore(house, run, engine.books, launch, worktree, resume) }),
    wire: wire !== null,
  });
}

const meterOf = (house: House, run: RunState) => run.definition.meter ?? house.ledger.state.settings.meter;

/** The way to the wire meter leads through no proxy of the operator's. */
function pastProxies(env: NodeJS.ProcessEnv): Record<string, string> {
  const hosts = [env.NO_PROXY ?? env.no_proxy ?? '', '127.0.0.1'].filter(Boolean).join(',');
  return { NO_PROXY: hosts, no_proxy: hosts };
}

interface Setting {
  readonly beginning: Beginning;
  readonly worktree: string;
  readonly folder: string;
}

async function promptFor(house: House, run: RunState, role: Role, setting: Setting): Promise<Composed> {
  const { beginning, worktree, folder } = setting;
  const bare = (text: string): Composed => ({ text, rules: [], notes: [] });
  if (role === 'checker') {
    const diff = run.base === null ? '' : await house.repository.diff(worktree, run.base);
    const diffFile = join(folder, 'change.diff');
    await writeFile(diffFile, diff, { mode: 0o600 });
    return bare(checkerPrompt(run, { diff, diffFile, itemFile: itemFile(house, run) }));
  }
  const rules = rulesFor(
    Object.values(house.ledger.state.rules).filter(({ file }) => file === run.definition.context.rules.file),
    await aboutOf(house, run, worktree),
    run.definition.context.rules,
  );
  const due = role === 'reflector' ? dueReflection(run) : null;
  if (due) {
    const { files, added, removed } =
      run.base === null ? { files: 0, added: 0, removed: 0 } : await house.repository.changes(worktree, run.base);
    const names = run.base === null ? [] : await house.repository.changedFiles(worktree, run.base);
    const stat = `${files} files, +${added} -${removed}\n${names.slice(0, 50).join('\n')}`;
    return bare(reflectorPrompt(run, due, rules, stat));
  }
  if (role === 'triage') {
    const { state } = house.ledger;
    return triagePrompt(run, { rules, takers: takers(state), itemFile: itemFile(house, run) });
  }
  const skills = await skillsOf(worktree, run.definition.context.skills);
  const reads = engineOf(run.maker.engine)?.skills ?? [];
  const memory = {
    skills: skills.map((skill) => ({ ...skill, native: skill.folders.some((each) => reads.includes(each)) })),
    record: recordLines(house.ledger.state, run),
    // An agent that may write nothing has nowhere to put its notes.
    desk: (await setDesk(worktree, house.ledger.state, run)) && run.maker.permission !== 'plan',
  };
  return compose(run, beginning, rules, await progressOf(house, run), memory, itemFile(house, run));
}

/** What earlier processes of the session have written into its books. Nobody writes there now: a run has one agent at a time. */
async function booksBefore(
  house: House,
  run: RunState,
  books: Books,
  launch: Launch,
  worktree: string,
  session: string | null,
): Promise<Record<string, number>> {
  if (session === null) return {};
  const env = { ...runEnvironment(house, run), ...launch.env };
  return lengthsOf(books, { env, cwd: await realpath(worktree), session, at: Date.now() });
}

/** Continue the session where the engine can, with the model that is asked for; else hand over in words. */
function beginningOf(run: RunState, engine: Engine): Beginning {
  if (run.next.how === 'fresh') return 'fresh';
  // A session that failed twice may itself be what is broken.
  if (run.retry !== null && run.retry.failures >= 2) return 'hand-over';
  const same = run.session !== null && run.session.engine === engine.name && engine.abilities.resume;
  const otherModel = run.next.because === 'escalate' || (run.agent?.role === 'maker' && run.agent.model !== run.model);
  return same && run.next.how === 'resume' && (!otherModel || engine.abilities.resumeOtherModel)
    ? 'resume'
    : 'hand-over';
}

/** What the next pass is about, as far as can be told before it has begun. */
async function aboutOf(house: House, run: RunState, worktree: string): Promise<About> {
  const red = lastRedPass(run)?.gates.filter(isRed) ?? [];
  const failures = red.flatMap((gate) => gate.fingerprint ?? []);
  if (!run.definition.context.rules.scope) return { files: [], failures };
  const changed = run.base === null ? [] : await house.repository.changedFiles(worktree, run.base);
  return {
    files: [
      ...changed,
      ...red.flatMap((gate) =>
        filesIn(
          `${gate.summary}
${gate.tail}`,
          worktree,
        ),
      ),
    ],
    failures,
  };
}

async function progressOf(house: House, run: RunState): Promise<string> {
  const text = await readProgress(house.repository.root, run.definition);
  // Whole entries.
  return text.length <= PROGRESS_SHOWN
    ? text
    : text.slice(-PROGRESS_SHOWN).replace(/^[\s\S]*?(?=^## |(?![\s\S]))/m, '');
}
