/** One agent process, from its start or adoption to its journaled death: a growing file becomes events. */
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, Launch } from '../agents/engine.ts';
import { engineOf } from '../agents/engines.ts';
import type { AgentEvent } from '../loop/agent-event.ts';
import { over } from '../loop/budget.ts';
import { InfraError } from '../loop/errors.ts';
import type { RunEvent } from '../loop/event.ts';
import { fold } from '../loop/fold.ts';
import type { FleetState, ProcessIdentity, RunState } from '../loop/state.ts';
import type { AgentId, RunId } from '../loop/units.ts';
import { OpenBooks, type Page } from './books.ts';
import { Confluence } from './confluence.ts';
import { isDiskFull } from './full-disk.ts';
import { agentFolder, type House, runEnvironment, runOf, standingWorktree, worktreeOf } from './house.ts';
import { Patience } from './patience.ts';
import { adopt, untilExit } from './process/adopt.ts';
import { release, stop } from './process/brake.ts';
import { findBinary, MissingBinary } from './process/command.ts';
import { closeInput } from './process/input.ts';
import { killTree } from './process/kill.ts';
import { type Launched, LaunchFailed, launch } from './process/launch.ts';
import type { Exit } from './process/record.ts';
import { tail } from './tail.ts';

/** Characters of the error output that are kept with the death of a process. */
const STDERR_KEPT = 2000;
/** A session has its books within 0.1 s. From here on they are taken for lost, and what the agent prints is the meter. */
const BOOKS_LOST_MS = 10_000;

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
  const { argv, env, stdin, needs } = await planned(folder);
  const environment = { ...runEnvironment(run), ...env };
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
  const run = runOf(house, id);
  const engine = engineOf(run.agent?.engine ?? 'shell');
  if (engine === null) throw new InfraError(`${id} has an agent of an engine that this version does not have.`);
  const reader = engine.reader(run.agent?.before);
  const meter = house.meter.forAgent(engine, await promptIn(folder));
  const price = (events: readonly AgentEvent[]) => meter.price(events.map((event) => modelled(event, run.model)));
  const known = { out: run.agent?.offset ?? 0, books: run.agent?.books ?? {} };
  let offset = 0;
  const leaving = new AbortController();
  const reading = AbortSignal.any([signal, leaving.signal]);
  const pages = new Confluence<Page>();
  // From the beginning: lines that were journaled before a restart only teach the reader where it was.
  const lines = tail(join(folder, 'out'), 0, reading);
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
  let books = await openBooks(engine, run, folder, (found) => pages.add(found), reading);
  let survivors = 0;
  /** Its own output to the end, then everything it started: only when all that could write is dead are the books complete. */
  async function* output(): AsyncGenerator<Page, void, void> {
    for await (const batch of lines) yield { file: OUT, lines: batch };
    if (reading.aborted) return;
    ({ survivors } = await killTree(run.nonce, null, { politeMs: 0 }));
    if (books !== null && (engine?.books?.when === 'live' || reader.wanting === true)) books.finish();
  }
  const lose = async (): Promise<void> => {
    books?.[Symbol.dispose]();
    books = null;
    const events = await price(reader.withoutBooks?.() ?? []);
    await recordRead(house, read(events, null));
  };
  const read = (
    events: readonly AgentEvent[],
    progress?: Readonly<Record<string, number>> | null,
  ): Extract<RunEvent, { type: 'agent-read' }> => ({
    type: 'agent-read',
    run: id,
    agent,
    // While old lines are read again it is behind what the journal knows.
    offset: Math.max(offset, known.out),
    events,
    ...(progress === undefined ? {} : { books: progress }),
    ...(reader.total ? { total: reader.total } : {}),
  });
  let inputOpen = true;
  try {
    if (run.agent?.books === null) reader.withoutBooks?.();
    pages.add(output());
    await using patience = new Patience(house, id, agent);
    for await (const { file, lines: batch } of pages) {
      const events: AgentEvent[] = [];
      const before = file === OUT ? known.out : (known.books[file] ?? 0);
      let end = 0;
      for (const line of batch) {
        const heard = await price(file === OUT ? reader.read(line.text) : (reader.readBook?.(file, line.text) ?? []));
        for (const event of heard) if (event.type === 'started') books?.begin(event.session);
        end = line.end;
        if (end > before) events.push(...heard);
      }
      if (file === OUT) {
        offset = end;
        if (end > before) await recordRead(house, read(events));
        if (inputOpen && reader.finished) {
          inputOpen = false;
          await closeInput(folder);
        }
        patience.heard(reader.idle);
      } else if (events.length > 0) await recordRead(house, read(events, { [file]: end }));
      if ((books?.missingMs ?? 0) > BOOKS_LOST_MS) await lose();
    }
    const exit = await ended;
    if (exit === null || signal.aborted) return;
    if (books !== null && engine.books?.when === 'live' && !books.found) await lose();
    const last = [...(await price(reader.end(exit.code))), ...(await meter.close())];
    if (last.length > 0) await house.ledger.record(read(last));
    await close(house, id, agent, survivors, exit, started);
  } finally {
    leaving.abort();
    books?.[Symbol.dispose]();
  }
}

/** The name of its own output among those of its books, which all have one. */
const OUT = '';

/** Some CLIs print their bill without a name: then it is the model that they were started with. */
const modelled = (event: AgentEvent, model: string): AgentEvent =>
  event.type === 'usage' && event.model === '' ? { ...event, model } : event;

/** Null for an engine without books, and for one whose books were lost before a restart. */
async function openBooks(
  engine: Engine,
  run: RunState,
  folder: string,
  add: (pages: AsyncIterable<Page>) => void,
  signal: AbortSignal,
): Promise<OpenBooks | null> {
  if (engine.books === undefined || run.agent?.books === null || run.worktree === null) return null;
  const env = { ...runEnvironment(run), ...(await plannedEnvironment(folder)) };
  // Somebody may have deleted the worktree by now.
  const cwd = await realpath(run.worktree).catch(() => run.worktree ?? '');
  return new OpenBooks(engine.books, { env, cwd }, add, signal);
}

const planned = async (folder: string): Promise<Launch> =>
  JSON.parse(await readFile(join(folder, 'argv.json'), 'utf8')) as Launch;

/** What the engine set in the agent's environment; nothing when somebody deleted the plan. */
const plannedEnvironment = (folder: string): Promise<Launch['env']> =>
  planned(folder).then(
    ({ env }) => env,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return {};
      throw error;
    },
  );

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
  if (process) stop(process);
  await ledger.record(read);
  // The cap was raised in the meantime: nothing else will let it go on.
  const run = runOf(house, read.run);
  if (process && run.agent?.wish.to === 'run' && over(ledger.state, run, Date.now()) === null) release(process);
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
