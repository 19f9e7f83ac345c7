/** The process that owns the fleet of one repository: events in, decide, effects, events out. Everything else is in its rooms. */
import { join } from 'node:path';
import { createPricer } from '../agents/prices.ts';
import type { EngineName } from '../loop/definition/definition.ts';
import { UsageError } from '../loop/errors.ts';
import { emptyFleet, fold } from '../loop/fold.ts';
import { socketPath, tellPath } from '../socket/path.ts';
import { type Server, serve } from '../socket/server.ts';
import { localClock, localZone, watchForMidnight, watchForSleep } from './clock.ts';
import { commands, goDown } from './commands.ts';
import { createDiscoverer } from './discover.ts';
import { carryOut } from './effects/carry-out.ts';
import { failed, killAll } from './failure.ts';
import { openRepository } from './git/repository.ts';
import { sweep } from './heartbeat/place.ts';
import { HELD, HomeLost, makeHome, untilLost, unwritable } from './home.ts';
import { type House, homeOf } from './house.ts';
import { watchForIdle } from './idle.ts';
import { openJournal } from './journal/journal.ts';
import { openLedger } from './ledger.ts';
import { takeLock } from './lock.ts';
import { readConfiguration } from './memory/configuration.ts';
import { watchLoopFiles } from './memory/loop-changes.ts';
import { readMemory, reload, settingsOf } from './memory/memory.ts';
import { mirror } from './memory/mirror.ts';
import { rulesFiles } from './memory/rules-file.ts';
import { createMeter } from './meter/meter.ts';
import { readPrices, tellPrice } from './meter/read-prices.ts';
import { reconciler } from './reconcile.ts';
import { reporting } from './reports.ts';
import { shortage, watchRoom } from './room.ts';
import { VERSION } from './version.ts';
import { openWire } from './wire/wire.ts';

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
  const lock = await takeLock(join(home, 'lock')).catch((error: unknown) => {
    throw unwritable(home, error);
  });
  if ('heldBy' in lock) {
    throw new UsageError(
      `${HELD} (pid ${lock.heldBy.pid}) has ${repository.root} already: looptop shows it, looptop down ends it`,
    );
  }

  const { journal, snapshot, tail, repaired } = await openJournal(join(home, 'journal'));
  for (const words of repaired) log(words);
  if (journal.full) log('there is no room for what the journal holds in reserve: the disk is full');
  const state = tail.reduce(fold, snapshot?.state ?? emptyFleet());
  const places = [home, repository.worktrees];
  const clock = localClock();
  const pricer = createPricer(configuration.prices);
  const meter = createMeter(pricer, {
    charged: (model, price) => void tellPrice(ledger, model, price),
    log,
  });
  const over = new AbortController();
  let server: Server | null = null;

  if (Object.keys(state.beats).length > 0) await sweep(repository.root);
  const ledger = openLedger(
    journal,
    { state, seq: journal.seq },
    clock,
    (events) => {
      server?.broadcast(events);
      reconcile.look();
      house.wire?.look();
      copies.look();
      reports.look();
    },
    async () => (await shortage(places, 2)) === null,
  );
  const copies = mirror(repository.root, () => ledger.state, log);
  const command = (engine: EngineName) => configuration.engines[engine]?.command ?? [engine];
  const rules = rulesFiles(repository.root);
  const discoverer = createDiscoverer(repository.root, home);
  const { discover } = discoverer;
  const wire = await openWire({
    ledger,
    priceOf: meter.priceOf,
    root: repository.root,
    ...configuration.wire,
    env: process.env,
    log,
  });
  const hook: House['hook'] = (happening) => configuration.hooks[happening] ?? null;
  const house: House = { ledger, repository, meter, rules, command, discover, hook, log, wire };
  const reconcile = reconciler(
    () => ledger.state,
    clock.now,
    (effect, signal) => carryOut(house, effect, signal),
    (effect, cause, times) => void failed(house, places, effect, cause, times),
  );
  const reports = reporting(house);
  const { root: top, name, branch } = repository;
  await ledger.record(
    { type: 'supervisor-started', pid: process.pid, version: VERSION, root: top, name, branch, timezone: localZone() },
    { type: 'settings-read', settings: settingsOf(configuration) },
    ...(wire?.opened ?? []),
    ...(await readMemory(top, ledger.state, rules)),
  );
  await ledger.record(...(await readPrices(ledger.state, pricer, clock.now())));
  // Clients come last: what they see first is true already.
  const path = socketPath(repository.root);
  server = await serve({
    path,
    welcome: { version: VERSION, pid: process.pid },
    snapshot: () => ({ seq: ledger.seq, state: ledger.state }),
    command: commands(house, () => over.abort()),
    report: reports.heed,
    signal: over.signal,
  });
  tellPath(repository.root, path);
  const watching = new AbortController();
  let cause: unknown = null;
  const stopWatching = watchForSleep(clock, (jumpMs) => void ledger.record({ type: 'clock-jumped', jumpMs }));
  const today = () => ledger.state.today;
  const stopWatchingDay = watchForMidnight(clock, today, () => void ledger.record({ type: 'day-began' }));
  const stopWatchingRoom = watchRoom(places, (words) => void ledger.diskFull(words));
  const stopWatchingLoops = watchLoopFiles(top, () => void reload(house).catch((error: unknown) => log(String(error))));
  const end = () => over.abort();
  const clients = () => server?.clients ?? 0;
  using _idle = watchForIdle({ clients, state: () => ledger.state }, process.env, end, () => {
    goDown(house, true).then(end, end);
  });
  log(`supervising ${repository.root}`);

  try {
    await Promise.race([untilSignal(over.signal), ledger.broken, untilLost(lock, home, watching.signal)]);
  } catch (error) {
    cause = error;
    throw error;
  } finally {
    watching.abort();
    stopWatching();
    stopWatchingDay();
    stopWatchingRoom();
    stopWatchingLoops();
    reports.close();
    // Effects and bills that wait for a journal which is broken would wait for ever.
    const ended = Promise.all([reconcile.close(), wire?.close(), discoverer.close()]);
    await Promise.race([ended, ledger.broken.catch(() => {})]);
    ledger.close();
    await copies.close();
    // Whoever comes next could not find these agents.
    if (cause instanceof HomeLost) await killAll(house);
    await server.close(cause instanceof Error ? cause.message : 'The supervisor has ended.');
    await meter.close();
    await journal.close().catch((error: unknown) => log(String(error)));
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
