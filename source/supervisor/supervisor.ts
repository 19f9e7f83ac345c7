/** The process that owns the fleet of one repository: events in, decide, effects, events out. Everything else is in its rooms. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineName } from '../loop/definition/definition.ts';
import type { Effect } from '../loop/effect.ts';
import { UsageError } from '../loop/errors.ts';
import { emptyFleet, fold } from '../loop/fold.ts';
import { socketPath, tellPath } from '../socket/path.ts';
import { type Server, serve } from '../socket/server.ts';
import { localClock, watchForSleep } from './clock.ts';
import { commands, goDown } from './commands.ts';
import { carryOut } from './effects/carry-out.ts';
import { openRepository } from './git/repository.ts';
import { type House, homeOf } from './house.ts';
import { watchForIdle } from './idle.ts';
import { openJournal } from './journal/journal.ts';
import { openLedger } from './ledger.ts';
import { takeLock } from './lock.ts';
import { readConfiguration } from './memory/configuration.ts';
import { readMemory, settingsOf } from './memory/memory.ts';
import { rulesFile } from './memory/rules-file.ts';
import { createMeter } from './meter/meter.ts';
import { reconciler } from './reconcile.ts';
import { VERSION } from './version.ts';

export interface Supervise {
  /** Anywhere inside the repository. */
  readonly root: string;
  /** For people: what happens to the supervisor itself. */
  log(text: string): void;
}

/**
 * Supervises until `down` or a signal. Agents live on when the supervisor ends by a signal; the next one adopts them.
 * @throws UsageError when another supervisor has the repository, ConfigError or InfraError when it cannot begin
 */
export async function supervise({ root, log }: Supervise): Promise<void> {
  const repository = await openRepository(root);
  const home = homeOf(repository.root);
  await makeHome(home);
  const configuration = await readConfiguration();
  const lock = await takeLock(join(home, 'lock'));
  if ('heldBy' in lock) throw new UsageError(`A supervisor (pid ${lock.heldBy.pid}) has ${repository.root} already.`);

  const { journal, snapshot, tail, repaired } = await openJournal(join(home, 'journal'));
  for (const words of repaired) log(words);
  const state = tail.reduce(fold, snapshot?.state ?? emptyFleet());
  const clock = localClock();
  const meter = createMeter();
  const over = new AbortController();
  let server: Server | null = null;

  const ledger = openLedger(journal, { state, seq: journal.seq }, clock, (events) => {
    server?.broadcast(events);
    reconcile.look();
  });
  const command = (engine: EngineName) => configuration.engines[engine]?.command ?? [engine];
  const rules = rulesFile(repository.root);
  const house: House = { ledger, repository, meter, rules, command, log };
  const reconcile = reconciler(
    () => ledger.state,
    clock.now,
    (effect, signal) => carryOut(house, effect, signal),
    (effect, cause) => void fail(house, effect, cause),
  );
  const { root: top, name, branch } = repository;
  await ledger.record(
    { type: 'supervisor-started', pid: process.pid, version: VERSION, root: top, name, branch },
    { type: 'settings-read', settings: settingsOf(configuration) },
    ...(await readMemory(top, ledger.state, rules)),
  );
  // Clients come last: what they see first is true already.
  const path = socketPath(repository.root);
  server = await serve({
    path,
    welcome: { version: VERSION, pid: process.pid },
    snapshot: () => ({ seq: ledger.seq, state: ledger.state }),
    command: commands(house, () => over.abort()),
    signal: over.signal,
  });
  tellPath(repository.root, path);
  const stopWatching = watchForSleep(clock, (jumpMs) => void ledger.record({ type: 'clock-jumped', jumpMs }));
  const end = () => over.abort();
  const clients = () => server?.clients ?? 0;
  using _idle = watchForIdle({ clients, state: () => ledger.state }, process.env, end, () => {
    goDown(house, true).then(end, end);
  });
  log(`supervising ${repository.root}`);

  try {
    await Promise.race([untilSignal(over.signal), ledger.broken]);
  } finally {
    stopWatching();
    await reconcile.close();
    await server.close('The supervisor has ended.');
    await meter.close();
    await journal.close();
    await lock.release();
    log('ended');
  }
}

/** Resolves at `down`, SIGTERM, SIGINT or SIGHUP. */
function untilSignal(over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    over.addEventListener('abort', () => resolve(), { once: true });
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

/** `.looptop/` ignores itself, so that no repository has to know of it. */
async function makeHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(join(home, '.gitignore'), '*\n', { flag: 'wx' }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

/** An effect that cannot be carried out ends the run with words, or is left to the next look when the run can wait. */
async function fail(house: House, effect: Effect, cause: unknown): Promise<void> {
  const words = cause instanceof Error ? cause.message : String(cause);
  house.log(`${effect.key}: ${cause instanceof Error ? (cause.stack ?? words) : words}`);
  if (effect.do === 'prepare' || effect.do === 'plan' || effect.do === 'commit') {
    await house.ledger.record({ type: 'run-failed', run: effect.run, why: 'infra', detail: words });
  }
}
