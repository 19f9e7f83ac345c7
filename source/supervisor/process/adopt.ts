/** What became of an agent that somebody started: what a restarted supervisor asks first, and what an attending one waits for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { watchChanges } from './changes.ts';
import { isAlive } from './identity.ts';
import { hasShim, type Launched, untilStarted } from './launch.ts';
import { type Exit, isClaimed, readExit, readShim } from './record.ts';

/** A death without an exit file is looked for at every fourth poll of a quarter of a second: within a second, at a quarter of the cost. */
const LOOKS_PER_CHECK = 4;
/** From an agent's death to its `exit` takes a shim 2 ms. */
const EXIT_LIMIT_MS = 2000;

export type Adopted =
  | { readonly found: 'alive'; readonly launched: Launched }
  | ({ readonly found: 'ended' } & Exit)
  /** The folder was never claimed: nothing was started, and it may be. */
  | { readonly found: 'none' }
  /** It was started, is gone, and nobody wrote down how. */
  | { readonly found: 'lost' };

/** Finds the agent of `dir`. Takes some ms, and up to ten seconds when the machine is slow to start or to end it. */
export async function adopt(dir: string, mark: string): Promise<Adopted> {
  const ended = readExit(dir);
  if (ended !== null) return { found: 'ended', ...ended };
  if (!isClaimed(dir)) return { found: 'none' };
  const launched = await untilStarted(dir, mark, () => true);
  if (launched !== null && isAlive(launched.process)) return { found: 'alive', launched };
  const exit = await lastExit(dir, mark);
  return exit === null ? { found: 'lost' } : { found: 'ended', ...exit };
}

/**
 * Resolves when the agent has ended, with nulls when its shim died with or before it. Idle it costs a `stat` a quarter of a
 * second. Rejects with `signal.reason` when aborted.
 */
export async function untilExit(dir: string, launched: Launched, signal: AbortSignal): Promise<Exit> {
  // The agent's output lies in the same folder: looking here at each line of it was a third of a busy supervisor's work.
  using changes = watchChanges(dir, 'exit');
  const abort = () => changes.wake();
  signal.addEventListener('abort', abort, { once: true });
  try {
    for (let looks = 0; ; looks++) {
      signal.throwIfAborted();
      const exit = readExit(dir);
      if (exit !== null) return exit;
      if (looks % LOOKS_PER_CHECK === 0 && !isAlive(launched.process)) return (await lastExit(dir, null)) ?? UNKNOWN;
      await changes.next();
    }
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const UNKNOWN: Exit = { code: null, signal: null };

/** The exit of an agent that is dead: its shim is given the time to write it, if there is one. */
async function lastExit(dir: string, mark: string | null): Promise<Exit | null> {
  const deadline = performance.now() + EXIT_LIMIT_MS;
  for (;;) {
    const shim = readShim(dir);
    const hope = shim !== null ? isAlive(shim) : mark !== null && hasShim(dir, mark);
    const exit = readExit(dir);
    if (exit !== null || !hope || performance.now() > deadline) return exit;
    await sleep(5);
  }
}
