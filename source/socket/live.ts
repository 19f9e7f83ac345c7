/** A live, folded FleetState for whoever connects: follows one supervisor after another and is always whole. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../loop/command.ts';
import type { Stamped } from '../loop/event.ts';
import { emptyFleet, fold, wholeFleet } from '../loop/fold.ts';
import type { FleetState } from '../loop/state.ts';
import type { Answer, Client, Watcher } from './client.ts';
import { SocketError } from './path.ts';

/** Waits between attempts to connect again, in milliseconds: first and longest. */
const RETRY_MS = { first: 100, longest: 2000 } as const;

export interface Change {
  readonly state: FleetState;
  /** What led from the state before to this one; empty after a snapshot and when only the link changed. */
  readonly events: readonly Stamped[];
}

export interface LiveFleet {
  /** As of the last event heard; kept while there is no connection. */
  readonly state: FleetState;
  /** Number of that event. */
  readonly seq: number;
  /** Null while connected; otherwise why not, in words. */
  readonly lost: string | null;
  /** Calls `listener` after each change of state or link. Returns how to stop that. */
  subscribe(listener: (change: Change) => void): () => void;
  /** The first state, from now on, that satisfies `predicate`. Rejects with the signal's reason, or when the fleet is closed. */
  until(predicate: (state: FleetState) => boolean, signal?: AbortSignal): Promise<FleetState>;
  /** Like `Client.send`; refused while there is no connection. */
  send(command: Command): Promise<Answer>;
  close(): void;
}

/**
 * Follows the fleet through connections that `connect` makes, and makes again whenever one breaks.
 * @returns once the first snapshot is there
 * @throws what the first `connect` throws; SocketError when that connection breaks before the snapshot
 */
export async function followFleet(connect: () => Promise<Client>): Promise<LiveFleet> {
  const owner = new AbortController();
  const listeners = new Set<(change: Change) => void>();
  let client = await connect();
  let state = emptyFleet();
  let seq = 0;
  let lost: string | null = null;

  const tell = (events: readonly Stamped[]): void => {
    for (const listener of [...listeners]) listener({ state, events });
  };
  /** Resolves with true at the first snapshot, with false when the connection ends before it. */
  const watch = (source: Client): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    void source.closed.then(() => resolve(false));
    const watcher: Watcher = {
      snapshot(fresh, at) {
        [state, seq, lost] = [wholeFleet(fresh), at, null];
        resolve(true);
        tell([]);
      },
      events(events) {
        const news = events.filter((stamped) => stamped.seq > seq);
        const [first] = news;
        if (first === undefined) return;
        // The server leaves nothing out; should it ever, a second snapshot is better than a wrong state.
        if (first.seq !== seq + 1) return source.watch(watcher);
        for (const stamped of news) {
          state = fold(state, stamped);
          seq = stamped.seq;
        }
        tell(news);
      },
    };
    source.watch(watcher);
    return promise;
  };
  const lose = (why: string): void => {
    lost = why;
    tell([]);
  };
  /** Ends only with a connection or with the fleet's end. */
  const reconnect = async (): Promise<void> => {
    for (let wait: number = RETRY_MS.first; !owner.signal.aborted; wait = Math.min(wait * 2, RETRY_MS.longest)) {
      try {
        await sleep(wait, undefined, { signal: owner.signal });
        client = await connect();
        if (owner.signal.aborted) client.close();
        return;
      } catch (error) {
        if (!owner.signal.aborted) lose(error instanceof Error ? error.message : String(error));
      }
    }
  };
  const follow = async (): Promise<void> => {
    for (;;) {
      const why = await client.closed;
      if (owner.signal.aborted) return;
      lose(why);
      await reconnect();
      await watch(client);
    }
  };

  if (!(await watch(client))) throw new SocketError(await client.closed);
  void follow();

  const subscribe: LiveFleet['subscribe'] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    get state() {
      return state;
    },
    get seq() {
      return seq;
    },
    get lost() {
      return lost;
    },
    subscribe,
    until: (predicate, signal) =>
      until(subscribe, () => state, predicate, signal ? [signal, owner.signal] : [owner.signal]),
    send: (command) => client.send(command),
    close() {
      owner.abort(new SocketError('the fleet is no longer followed'));
      client.close();
    },
  };
}

async function until(
  subscribe: LiveFleet['subscribe'],
  now: () => FleetState,
  predicate: (state: FleetState) => boolean,
  signals: AbortSignal[],
): Promise<FleetState> {
  const signal = AbortSignal.any(signals);
  signal.throwIfAborted();
  if (predicate(now())) return now();
  const { promise, resolve, reject } = Promise.withResolvers<FleetState>();
  const unsubscribe = subscribe(({ state }) => {
    if (predicate(state)) resolve(state);
  });
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await promise;
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}
