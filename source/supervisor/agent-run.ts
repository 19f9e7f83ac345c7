/** One agent process, from its start or adoption to its journaled death: a growing file becomes events. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InfraError } from '../loop/errors.ts';
import type { RunState } from '../loop/state.ts';
import type { AgentId, RunId } from '../loop/units.ts';
import { takeNotes } from './desk.ts';
import { isDiskFull } from './full-disk.ts';
import {
  agentEnvironment,
  agentFolder,
  type House,
  runEnvironment,
  runOf,
  standingWorktree,
  worktreeOf,
} from './house.ts';
import { launchIn } from './launch-plan.ts';
import { Patience } from './patience.ts';
import { adopt, untilExit } from './process/adopt.ts';
import { findBinary, MissingBinary } from './process/command.ts';
import { closeInput } from './process/input.ts';
import { killTree } from './process/kill.ts';
import { type Launched, LaunchFailed, launch } from './process/launch.ts';
import type { Exit } from './process/record.ts';
import { OUTPUT, openReading } from './reading.ts';

/** Characters of the error output that are kept with the death of a process. */
const STDERR_KEPT = 2000;

/**
 * Sees that the planned process exists, starting it if nobody ever has and adopting it otherwise, and reads it to its end.
 * Aborted, it lets go of the process without ending it. A process that cannot be started is journaled as such.
 */
export async function attend(house: House, id: RunId, agent: AgentId, signal: AbortSignal): Promise<void> {
  const run = runOf(house, id);
  const folder = agentFolder(house, id, agent);
  const found = await adopt(folder, run.nonce);
  const started = performance.now();
  if (found.found === 'alive') {
    await house.ledger.record({
      type: 'agent-started',
      run: id,
      agent,
      ...found.launched,
      adopted: run.agent?.fact.is !== 'planned',
    });
    await follow(house, id, agent, () => untilExit(folder, found.launched, signal), started, signal);
  } else if (found.found === 'none') {
    const launched = await begin(house, id, agent, folder);
    if (launched === null) return;
    await house.ledger.record({ type: 'agent-started', run: id, agent, ...launched, adopted: false });
    await follow(house, id, agent, () => untilExit(folder, launched, signal), started, signal);
  } else {
    const exit = found.found === 'ended' ? found : { code: null, signal: null };
    await follow(house, id, agent, () => Promise.resolve(exit), started, signal);
  }
}

async function begin(house: House, id: RunId, agent: AgentId, folder: string): Promise<Launched | null> {
  const run = runOf(house, id);
  // The plan may have been made just before the operator ended the run.
  if (run.agent?.wish.to === 'end') {
    await neverBegan(house, run, agent, '');
    return null;
  }
  const { argv, env, stdin, needs } = await launchIn(folder);
  const environment = { ...runEnvironment(house, run), ...agentEnvironment(house, run), ...env };
  try {
    const cwd = await standingWorktree(run);
    if (needs !== undefined) findBinary(needs, environment.PATH, cwd);
    return await launch({
      dir: folder,
      argv,
      env: environment,
      cwd,
      stdin,
      mark: run.nonce,
    });
  } catch (error) {
    if (error instanceof MissingBinary) {
      const detail = `no such engine: ${needs ?? argv[0]} is not on the PATH; looptop doctor tells how to get it`;
      await house.ledger.record({ type: 'agent-unstartable', run: id, agent, why: 'no-engine', detail });
    } else if (error instanceof InfraError) {
      await house.ledger.record({ type: 'agent-unstartable', run: id, agent, why: 'infra', detail: error.message });
    } else if (error instanceof LaunchFailed && !isDiskFull(error)) {
      // It may pass, so it counts as a failure of the agent: two more tries, then the run waits for a person.
      await neverBegan(house, run, agent, error.message);
    } else throw error;
    return null;
  }
}

/** Journals the death of an agent that is not known to have lived, after making sure that it does not. */
async function neverBegan(house: House, run: RunState, agent: AgentId, words: string): Promise<void> {
  const { survivors } = await killTree(run.nonce, null, { politeMs: 0 });
  house.wire?.settle(run.id, agent);
  const unknown = { code: null, signal: null, tree: null, ms: 0 };
  await house.ledger.record({ type: 'agent-ended', run: run.id, agent, ...unknown, survivors, stderr: words });
}

async function follow(
  house: House,
  id: RunId,
  agent: AgentId,
  untilExited: () => Promise<Exit>,
  started: number,
  signal: AbortSignal,
): Promise<void> {
  const folder = agentFolder(house, id, agent);
  const { nonce } = runOf(house, id);
  let survivors = 0;
  // Only when everything that it started is dead are its books complete.
  const silenced = async (): Promise<void> => {
    ({ survivors } = await killTree(nonce, null, { politeMs: 0 }));
  };
  using reading = await openReading(house, id, agent, silenced, signal);
  const ended = untilExited().then(
    (exit) => {
      reading.drain();
      return exit;
    },
    (cause: unknown) => {
      if (signal.aborted) return null;
      throw cause;
    },
  );
  let inputOpen = true;
  {
    await using patience = new Patience(house, id, agent);
    for await (const page of reading.pages) {
      await reading.take(page);
      if (page.file !== OUTPUT) continue;
      if (inputOpen && reading.finished) {
        inputOpen = false;
        await closeInput(folder);
      }
      patience.heard(reading.idle);
    }
  }
  const exit = await ended;
  if (exit === null || signal.aborted) return;
  await reading.close(exit.code);
  house.wire?.settle(id, agent);
  await close(house, id, agent, survivors, exit, started);
}

/** Its death, when everything it started is dead too. */
async function close(
  house: House,
  id: RunId,
  agent: AgentId,
  survivors: number,
  exit: Exit,
  started: number,
): Promise<void> {
  const run = runOf(house, id);
  await takeNotes(house, run, agent);
  const err = await readFile(join(agentFolder(house, id, agent), 'err'), 'utf8').catch(() => '');
  const tree = run.definition.isolation.type === 'none' ? null : await treeOf(house, run);
  await house.ledger.record({
    type: 'agent-ended',
    run: id,
    agent,
    ...exit,
    survivors,
    stderr: err.slice(-STDERR_KEPT),
    tree,
    ms: Math.round(performance.now() - started),
  });
}

async function treeOf(house: House, run: RunState): Promise<string | null> {
  return house.repository.treeOf(worktreeOf(run)).catch((cause: unknown) => {
    house.log(`${run.id}: the worktree could not be read: ${String(cause)}`);
    return null;
  });
}
