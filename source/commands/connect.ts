/** The way from a verb to the fleet: find the repository, reach its supervisor, start one where the verb needs it. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../loop/command.ts';
import type { Stamped } from '../loop/event.ts';
import { fold } from '../loop/fold.ts';
import type { FleetState } from '../loop/state.ts';
import { type Client, connect, NoSupervisor } from '../socket/client.ts';
import { followFleet, type LiveFleet } from '../socket/live.ts';
import { socketPaths } from '../socket/path.ts';
import { Ended } from './ended.ts';
import { findRepository } from './repository.ts';
import { startSupervisor } from './start-supervisor.ts';

/** A supervisor that is alive answers in milliseconds; one that replays a long journal first takes a second or two. */
const PATIENCE_MS = 5000;

export interface Fleet extends AsyncDisposable {
  /** Of the repository. */
  readonly root: string;
  readonly state: FleetState;
  /** The same fleet as the pane wants it: it goes on with the next supervisor. */
  readonly live: LiveFleet;
  /** Resolves when the command is in the journal and `state` has seen it. @throws Ended with the refusal's words and exit code */
  carryOut(command: Command): Promise<{ readonly text: string; readonly run: string | null }>;
  onChange(listener: (change: Change) => void): Disposable;
  /** The supervisor went down or died, in words: verbs end then. Never rejects. */
  readonly closed: Promise<string>;
}

export interface Change {
  readonly before: FleetState;
  readonly after: FleetState;
  /** Null for a snapshot: events in between were not heard. */
  readonly stamped: Stamped | null;
}

/** The fleet of the repository around the working folder, its supervisor started if none runs. */
export async function openFleet(): Promise<Fleet> {
  const root = await findRepository();
  return watch(root, await reachOrStart(root), reachOrStart);
}

/** Like `openFleet`, but null where nothing has ever run, so that looking around leaves no trace. */
export async function lookAtFleet(): Promise<Fleet | null> {
  const root = await findRepository();
  // Agents may have outlived their supervisor: a new one adopts them, and only then is what we show true.
  if (existsSync(join(root, '.looptop', 'journal'))) return watch(root, await reachOrStart(root), reachOrStart);
  return ifRunning(root, PATIENCE_MS);
}

/** The fleet if its supervisor runs; null if not. Starts nothing. */
export async function fleetIfRunning(timeoutMs = PATIENCE_MS): Promise<Fleet | null> {
  return ifRunning(await findRepository(), timeoutMs);
}

async function ifRunning(root: string, timeoutMs: number): Promise<Fleet | null> {
  const client = await reach(root, timeoutMs);
  return client === null ? null : watch(root, client, reachAgain);
}

async function reachOrStart(root: string): Promise<Client> {
  return (await reach(root, PATIENCE_MS)) ?? startSupervisor(root, () => reach(root, PATIENCE_MS));
}

/** @throws NoSupervisor when none runs */
async function reachAgain(root: string): Promise<Client> {
  const client = await reach(root, PATIENCE_MS);
  if (client === null) throw new NoSupervisor('no supervisor runs');
  return client;
}

async function reach(root: string, timeoutMs: number): Promise<Client | null> {
  for (const path of socketPaths(root)) {
    try {
      return await connect(path, { by: `cli:${userName()}`, timeoutMs });
    } catch (error) {
      if (!(error instanceof NoSupervisor)) throw error;
    }
  }
  return null;
}

/** `again` connects after a supervisor has died; after one that was sent down, only the operator starts the next. */
async function watch(root: string, first: Client, again: (root: string) => Promise<Client>): Promise<Fleet> {
  let begun = false;
  const live: LiveFleet = await followFleet(async () => {
    if (begun) return live.state.closing ? reachAgain(root) : again(root);
    begun = true;
    return first;
  });
  const closed = Promise.withResolvers<string>();
  const listeners = new Set<(change: Change) => void>();
  const tell = (change: Change): void => {
    for (const listener of [...listeners]) listener(change);
  };
  let last = live.state;
  live.subscribe(({ state, events }) => {
    if (live.lost !== null) closed.resolve(live.lost);
    if (events.length === 0 && state !== last) tell({ before: last, after: state, stamped: null });
    // Step by step only for those who listen: the pane does not, and has folded these events already.
    for (const stamped of listeners.size === 0 ? [] : events) {
      const after = fold(last, stamped);
      tell({ before: last, after, stamped });
      last = after;
    }
    last = state;
  });
  return {
    root,
    live,
    closed: closed.promise,
    get state() {
      return live.state;
    },
    async carryOut(command) {
      const answer = await live.send(command);
      if (!answer.ok) throw new Ended(answer.text, answer.code);
      // `down` is answered by a supervisor that tells nothing any more.
      await Promise.race([live.until(() => live.seq >= answer.seq), closed.promise]);
      return { text: answer.text, run: answer.run };
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {
      live.close();
    },
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container can run under a uid that has no name.
    return String(process.getuid?.() ?? 'someone');
  }
}
