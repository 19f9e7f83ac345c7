/** The folder `.looptop/` of a repository: made by whoever needs it first, watched by the supervisor that has its lock. */
import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { InfraError } from '../loop/errors.ts';
import { isDiskFull } from './full-disk.ts';
import type { Lock } from './lock.ts';

/** So begins what a supervisor says that finds another one in its place. */
export const HELD = 'a supervisor';

/**
 * Makes `home`, which ignores itself, so that no repository has to know of it.
 * @throws InfraError when it cannot be written to
 */
export async function makeHome(home: string): Promise<void> {
  try {
    // Not `recursive`: that calls a read-only file system a missing folder.
    await mkdir(home, { mode: 0o700 }).catch(orIsThere);
    await writeFile(`${home}/.gitignore`, '*\n', { flag: 'wx' }).catch(orIsThere);
  } catch (error) {
    throw unwritable(home, error);
  }
}

function orIsThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** What keeps us from writing into `home`, and what to do about it. */
export function unwritable(home: string, cause: unknown): InfraError {
  const what = `cannot write into ${home}, where looptop keeps its journal`;
  if (isDiskFull(cause)) return new InfraError(`${what}: the disk is full; free some space, then try again`, { cause });
  const words = cause instanceof Error ? cause.message : String(cause);
  // No error of the file system, and so none of the place.
  if (!(cause instanceof Error && 'code' in cause)) return new InfraError(words, { cause });
  const why = cause.code === 'EROFS' ? 'the file system is read-only' : words;
  return new InfraError(`${what}: ${why}; make it writable, or work in a clone elsewhere`, { cause });
}

/** `.looptop/` was deleted or taken over under a supervisor that runs. */
export class HomeLost extends InfraError {}

const LOOK_EVERY_MS = 2000;

/** Rejects with HomeLost when the lock in `home` is no longer ours, for then a second supervisor can begin; with an AbortError at `signal`. */
export async function untilLost(lock: Lock, home: string, signal: AbortSignal): Promise<never> {
  for (;;) {
    await sleep(LOOK_EVERY_MS, undefined, { signal });
    // Only what was read counts: a file that cannot be read now may be read the next time.
    if (await lock.isHeld().catch(() => true)) continue;
    throw new HomeLost(
      `${home} was deleted while its supervisor ran: its agents have been ended, and what they wrote is in their worktrees`,
    );
  }
}
