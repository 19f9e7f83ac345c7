/** The one place where facts are made: events are stamped, journaled, folded and told to whoever listens, in that order, one batch at a time. */
import type { Refusal } from '../loop/command.ts';
import type { Event, Stamped } from '../loop/event.ts';
import { fold } from '../loop/fold.ts';
import type { FleetState } from '../loop/state.ts';
import { type Journal, JournalFull } from './journal/journal.ts';

export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** `YYYY-MM-DD` in the operator's time zone. */
  day(at: number): string;
}

type Made = { readonly events: readonly Event[] };

export interface Ledger {
  readonly state: FleetState;
  readonly seq: number;
  /** Resolves when the events are journaled and folded. While the disk is full it waits. */
  record(...events: readonly Event[]): Promise<void>;
  /** Rejects when the journal can no longer be written for another reason than a full disk; the supervisor then has to end. */
  readonly broken: Promise<never>;
  /** Asks `make` what to record, given the state in which it will be recorded; answers what it said. */
  ask<T extends Made>(make: (state: FleetState) => T | Refusal): Promise<T | Refusal>;
  /** Notes, once, that the disk is full; whether it has room again is then looked at by itself. */
  diskFull(detail: string): Promise<void>;
  /** Stops looking whether a full disk has room again. */
  close(): void;
}

/** How long a full disk is left alone before the next try. */
const DISK_RETRY_MS = 1000;

/** Losing these in a power cut costs nothing: they are read again from the agents' files or happen again. */
const RECOVERABLE = new Set<Event['type']>([
  'agent-read',
  'gate-started',
  'land-gate-started',
  'loop-read',
  'rules-read',
  'prices-read',
  'wire-sent',
]);

/** What a response has cost so far is told again at its end. */
const isRecoverable = (event: Event): boolean =>
  RECOVERABLE.has(event.type) || (event.type === 'wire-read' && !event.closed);

interface Job {
  make(state: FleetState): Made | Refusal;
  done(result: Made | Refusal): void;
}

export function openLedger(
  journal: Pick<Journal, 'append' | 'appendLast' | 'refill' | 'due' | 'rotate'>,
  start: { readonly state: FleetState; readonly seq: number },
  clock: Clock,
  told: (events: readonly Stamped[], state: FleetState) => void,
  /** Whether a disk that was full has room again, as far as can be seen. */
  hasRoom: () => Promise<boolean> = async () => true,
): Ledger {
  let { state, seq } = start;
  let queue: Job[] = [];
  let pumping = false;
  let looking: NodeJS.Timeout | null = null;
  let breaks: (cause: unknown) => void = () => {};
  const broken = new Promise<never>((_resolve, reject) => {
    breaks = reject;
  });
  broken.catch(() => {});

  const stamp = (event: Event, place: number): Stamped => {
    const at = clock.now();
    return { seq: place, at, day: clock.day(at), event };
  };

  /** Runs the jobs against the state as it will be when each is recorded. */
  const draft = (jobs: readonly Job[], freed: boolean) => {
    const stamped: Stamped[] = freed ? [stamp({ type: 'disk-freed' }, seq + 1)] : [];
    let next = stamped.reduce(fold, state);
    const results = jobs.map((job) => {
      const result = job.make(next);
      for (const event of 'events' in result ? result.events : []) {
        const one = stamp(event, seq + stamped.length + 1);
        stamped.push(one);
        next = fold(next, one);
      }
      return result;
    });
    return { stamped, next, results };
  };

  const adopt = (stamped: readonly Stamped[], next: FleetState) => {
    state = next;
    seq += stamped.length;
    if (stamped.length > 0) told(stamped, state);
  };

  const rotate = async () => {
    try {
      await journal.rotate({ seq, state });
    } catch (cause) {
      // Without room for a snapshot the present segment simply goes on.
      if (!(cause instanceof JournalFull)) throw cause;
    }
  };

  /** While the disk is full, the space that was held back takes what follows from that; only room to hold it back again is room. */
  const put = async (jobs: readonly Job[]) => {
    const freed = state.disk === 'full' && (await hasRoom()) && (await journal.refill());
    const drafted = draft(jobs, freed);
    const { stamped } = drafted;
    const commit = stamped.some(({ event }) => !isRecoverable(event));
    try {
      if (stamped.length > 0) await journal.append(stamped, { commit });
    } catch (cause) {
      if (!(cause instanceof JournalFull) || state.disk === 'ok' || freed) throw cause;
      await journal.appendLast(stamped);
    }
    return drafted;
  };

  const sufferFullDisk = async (cause: JournalFull) => {
    if (state.disk === 'ok') {
      const full = stamp({ type: 'disk-full', detail: cause.message }, seq + 1);
      try {
        await journal.appendLast([full]);
        adopt([full], fold(state, full));
      } catch (error) {
        // Not even the space set aside is left: nothing can be said, only waited for.
        if (!(error instanceof JournalFull)) throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, DISK_RETRY_MS));
  };

  const pump = async () => {
    if (pumping) return;
    pumping = true;
    try {
      while (queue.length > 0) {
        const jobs = queue;
        queue = [];
        for (;;) {
          const drafted = await put(jobs).catch(async (cause: unknown) => {
            if (!(cause instanceof JournalFull)) throw cause;
            await sufferFullDisk(cause);
            return null;
          });
          if (drafted === null) continue;
          const { stamped, next, results } = drafted;
          adopt(stamped, next);
          jobs.forEach((job, index) => {
            job.done(results[index] ?? { events: [] });
          });
          break;
        }
        if (journal.due && state.disk === 'ok') await rotate();
      }
    } finally {
      pumping = false;
    }
    // Nobody may have anything to write while everything stands still.
    if (state.disk === 'full') looking ??= setTimeout(look, DISK_RETRY_MS);
  };

  const look = () => {
    looking = null;
    queue.push({ make: () => ({ events: [] }), done: () => {} });
    pump().catch(breaks);
  };

  const ask = <T extends Made>(make: (state: FleetState) => T | Refusal) =>
    new Promise<T | Refusal>((resolve) => {
      let made: T | Refusal | undefined;
      queue.push({
        make: (present) => {
          made = make(present);
          return made;
        },
        done: () => {
          if (made !== undefined) resolve(made);
        },
      });
      pump().catch(breaks);
    });

  return {
    get state() {
      return state;
    },
    get seq() {
      return seq;
    },
    broken,
    ask,
    record: async (...events) => {
      await ask(() => ({ events }));
    },
    diskFull: async (detail) => {
      await ask((present) => ({ events: present.disk === 'full' ? [] : [{ type: 'disk-full', detail }] }));
    },
    close: () => {
      if (looking) clearTimeout(looking);
    },
  };
}
