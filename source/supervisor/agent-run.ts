/** One agent process, from its start or adoption to its journaled death: a growing file becomes events. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Launch, Reader } from '../agents/engine.ts';
import { engineOf } from '../agents/engines.ts';
import type { AgentEvent } from '../loop/agent-event.ts';
import { over } from '../loop/budget.ts';
import { InfraError } from '../loop/errors.ts';
import type { RunEvent } from '../loop/event.ts';
import { fold } from '../loop/fold.ts';
import type { FleetState, ProcessIdentity, RunState } from '../loop/state.ts';
import type { AgentId, RunId } from '../loop/units.ts';
import { isDiskFull } from './full-disk.ts';
import { agentFolder, type House, runEnvironment, runOf, standingWorktree, worktreeOf } from './house.ts';
import { Patience } from './patience.ts';
import { adopt, untilExit } from './process/adopt.ts';
import { MissingBinary } from './process/command.ts';
import { signalProcess } from './process/identity.ts';
import { closeInput } from './process/input.ts';
import { killTree } from './process/kill.ts';
import { type Launched, LaunchFailed, launch } from './process/launch.ts';
import type { Exit } from './process/record.ts';
import { tail } from './tail.ts';

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
    await follow(house, id, agent, untilExit(folder, found.launched, signal), started, signal);
  } else if (found.found === 'none') {
    const launched = await begin(house, id, agent, folder);
    if (launched === null) return;
    await house.ledger.record({ type: 'agent-started', run: id, agent, ...launched, adopted: false });
    await follow(house, id, agent, untilExit(folder, launched, signal), started, signal);
  } else {
    const exit = found.found === 'ended' ? found : { code: null, signal: null };
    await follow(house, id, agent, Promise.resolve(exit), started, signal);
  }
}

async function begin(house: House, id: RunId, agent: AgentId, folder: string): Promise<Launched | null> {
  const run = runOf(house, id);
  // The plan may have been made just before the operator ended the run.
  if (run.agent?.wish.to === 'end') {
    await neverBegan(house, run, agent, '');
    return null;
  }
  const { argv, env, stdin } = JSON.parse(await readFile(join(folder, 'argv.json'), 'utf8')) as Launch;
  try {
    const cwd = await standingWorktree(run);
    return await launch({
      dir: folder,
      argv,
      env: { ...runEnvironment(run), ...env },
      cwd,
      stdin,
      mark: run.nonce,
    });
  } catch (error) {
    if (error instanceof MissingBinary) {
      const detail = `no such engine: ${argv[0]} is not on the PATH; looptop doctor tells how to get it`;
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
  await house.wire?.settle(run.id, agent);
  const unknown = { code: null, signal: null, tree: null, ms: 0 };
  await house.ledger.record({ type: 'agent-ended', run: run.id, agent, ...unknown, survivors, stderr: words });
}

async function follow(
  house: House,
  id: RunId,
  agent: AgentId,
  exited: Promise<Exit>,
  started: number,
  signal: AbortSignal,
): Promise<void> {
  const folder = agentFolder(house, id, agent);
  const engine = engineOf(runOf(house, id).agent?.engine ?? 'shell');
  if (engine === null) throw new InfraError(`${id} has an agent of an engine that this version does not have.`);
  const reader = engine.reader();
  const meter = house.meter.forAgent(engine, await promptIn(folder));
  const known = runOf(house, id).agent?.offset ?? 0;
  let offset = 0;
  // From the beginning: lines that were journaled before a restart only teach the reader where it was.
  const lines = tail(join(folder, 'out'), 0, signal);
  const ended = exited.then(
    (exit) => {
      lines.drain();
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
    for await (const batch of lines) {
      const events: AgentEvent[] = [];
      for (const line of batch) {
        const heard = counted(house, id, await meter.price(reader.read(line.text)));
        offset = line.end;
        if (line.end > known) events.push(...heard);
      }
      if (offset > known) await recordRead(house, { type: 'agent-read', run: id, agent, offset, events });
      if (inputOpen && reader.finished) {
        inputOpen = false;
        await closeInput(folder);
      }
      patience.heard(reader.idle);
    }
  }
  const exit = await ended;
  if (exit === null || signal.aborted) return;
  await close(house, id, agent, reader, meter, offset, exit, started);
}

/** Of an agent whose requests pass the wire meter, only that counts what it spends: what the agent reports is the same again. */
function counted(house: House, id: RunId, events: AgentEvent[]): AgentEvent[] {
  // Not one request: it goes to its provider by another way (Bedrock, Vertex), and what it reports is all there is.
  if ((runOf(house, id).agent?.wire?.requests ?? 0) === 0) return events;
  return events.filter(({ type }) => type !== 'usage' && type !== 'hidden' && type !== 'limited');
}

/** Only weighed for the estimate of tokens; empty when somebody deleted it. */
const promptIn = (folder: string): Promise<string> =>
  readFile(join(folder, 'prompt.md'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });

/**
 * Journals what was read. Output that crosses a cap stops the agent's own process at once, before the disk is asked: journal,
 * decision and the hunt for the whole tree take tens of milliseconds, seconds on a machine that is overloaded.
 */
async function recordRead(house: House, read: Extract<RunEvent, { type: 'agent-read' }>): Promise<void> {
  const { ledger } = house;
  const process = crossesCap(ledger.state, read) ? processOf(runOf(house, read.run)) : null;
  if (process) signalProcess(process, 'SIGSTOP');
  await ledger.record(read);
  // The cap was raised in the meantime: nothing else will let it go on.
  const run = runOf(house, read.run);
  if (process && run.agent?.wish.to === 'run' && over(ledger.state, run, Date.now()) === null)
    signalProcess(process, 'SIGCONT');
}

function crossesCap(fleet: FleetState, read: Extract<RunEvent, { type: 'agent-read' }>): boolean {
  if (!read.events.some((event) => event.type === 'usage')) return false;
  const at = Date.now();
  const then = fold(fleet, { seq: 0, at, day: fleet.today, event: read });
  const run = then.runs[read.run];
  return run?.status.tag === 'open' && over(then, run, at) !== null;
}

function processOf(run: RunState): ProcessIdentity | null {
  const fact = run.agent?.fact;
  return fact?.is === 'alive' ? fact.process : null;
}

/** The last words, the last orphans, the last bill: then the death is journaled. */
async function close(
  house: House,
  id: RunId,
  agent: AgentId,
  reader: Reader,
  meter: ReturnType<House['meter']['forAgent']>,
  offset: number,
  exit: Exit,
  started: number,
): Promise<void> {
  const run = runOf(house, id);
  const last = counted(house, id, [...(await meter.price(reader.end(exit.code))), ...(await meter.close())]);
  if (last.length > 0) await house.ledger.record({ type: 'agent-read', run: id, agent, offset, events: last });
  const { survivors } = await killTree(run.nonce, null, { politeMs: 0 });
  await house.wire?.settle(id, agent);
  const err = await readFile(join(agentFolder(house, id, agent), 'err'), 'utf8').catch(() => '');
  const tree = await house.repository.treeOf(worktreeOf(run)).catch((cause: unknown) => {
    house.log(`${id}: the worktree could not be read: ${String(cause)}`);
    return null;
  });
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
