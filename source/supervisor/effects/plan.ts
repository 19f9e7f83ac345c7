/** Plans the next agent process of a run: its prompt, its command line, its folder. It is started by `attend`, after the plan is in the journal. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../agents/engine.ts';
import { engineOf } from '../../agents/engines.ts';
import { type Beginning, compose } from '../../loop/prompt.ts';
import { rulesInScope } from '../../loop/rules.ts';
import type { Rule, RunState } from '../../loop/state.ts';
import type { AgentId, RunId } from '../../loop/units.ts';
import { agentFolder, type House, homeOf, runOf, standingWorktree } from '../house.ts';

/** Characters of the progress file that a prompt recalls: its end. */
const PROGRESS_SHOWN = 6000;

export async function plan(house: House, id: RunId): Promise<void> {
  const run = runOf(house, id);
  const engine = engineOf(run.maker.engine);
  if (engine === null) {
    await house.ledger.record({
      type: 'run-failed',
      run: id,
      why: 'config',
      detail: `engine ${run.maker.engine} is not in this version`,
    });
    return;
  }
  const worktree = await standingWorktree(run);
  const beginning = beginningOf(run, engine);
  const resume = beginning === 'resume' ? (run.session?.id ?? null) : null;
  const rules = inScope(run, Object.values(house.ledger.state.rules));
  const prompt = compose(run, beginning, rules, await progressOf(house, run));
  const agent = `${run.pass}-maker${run.agents === 0 ? '' : `.${run.agents + 1}`}` as AgentId;
  const folder = agentFolder(house, id, agent);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const promptFile = join(folder, 'prompt.md');
  const wire = meterOf(house, run) === 'wire' && engine.abilities.wire ? house.wire : null;
  const launch = engine.start({
    agent: run.maker,
    model: run.model,
    prompt: prompt.text,
    promptFile,
    worktree,
    repository: house.repository.root,
    resume,
    session: randomUUID(),
    usdLeft: Math.max(0.01, run.budget.usd - run.meter.total.usd),
    command: house.command(run.maker.engine),
    wire: wire?.address(run, agent) ?? null,
  });
  const env = wire === null ? launch.env : { ...launch.env, ...pastProxies(process.env) };
  await writeFile(promptFile, prompt.text, { mode: 0o600 });
  await writeFile(join(folder, 'argv.json'), `${JSON.stringify({ ...launch, env }, null, 2)}\n`, { mode: 0o600 });
  await house.ledger.record({
    type: 'agent-planned',
    run: id,
    agent,
    role: 'maker',
    engine: engine.name,
    model: run.model,
    resumes: resume,
    guidance: engine.abilities.liveGuidance,
    promptHash: createHash('sha256').update(prompt.text).digest('hex'),
    rules: prompt.rules,
    notes: prompt.notes,
    wire: wire !== null,
  });
}

const meterOf = (house: House, run: RunState) => run.definition.meter ?? house.ledger.state.settings.meter;

/** The way to the wire meter leads through no proxy of the operator's. */
function pastProxies(env: NodeJS.ProcessEnv): Record<string, string> {
  const hosts = [env.NO_PROXY ?? env.no_proxy ?? '', '127.0.0.1'].filter(Boolean).join(',');
  return { NO_PROXY: hosts, no_proxy: hosts };
}

/** Continue the session where the engine can, with the model that is asked for; else hand over in words. */
function beginningOf(run: RunState, engine: Engine): Beginning {
  if (run.next.how === 'fresh') return 'fresh';
  // A session that failed twice may itself be what is broken.
  if (run.retry !== null && run.retry.failures >= 2) return 'hand-over';
  const same = run.session !== null && run.session.engine === engine.name && engine.abilities.resume;
  const otherModel = run.next.because === 'escalate';
  return same && run.next.how === 'resume' && (!otherModel || engine.abilities.resumeOtherModel)
    ? 'resume'
    : 'hand-over';
}

function inScope(run: RunState, rules: readonly Rule[]): readonly Rule[] {
  const { max, tokens } = run.definition.context.rules;
  return rulesInScope(
    rules.filter((rule) => rule.status === 'active'),
    { max, tokens },
  );
}

async function progressOf(house: House, run: RunState): Promise<string> {
  try {
    const text = await readFile(join(homeOf(house.repository.root), 'progress', `${run.loop}.md`), 'utf8');
    return text.slice(-PROGRESS_SHOWN);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
