/** Space that is held back so that "the disk is full" can still be written down when it is. */
import { randomBytes } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { codeOf, explain, JournalFull } from './journal-error.ts';

/** A few hundred records: those that say why everything stops, and those that follow from stopping. */
const BALLAST_BYTES = 64 * 1024;

/** Gives the space away. */
export const dropBallast = (path: string): Promise<void> => rm(path, { force: true });

/**
 * Sees that the ballast is there.
 * @returns false when there is no room for it
 * @throws JournalError when the folder cannot be written for another reason
 */
export async function layBallast(path: string): Promise<boolean> {
  if ((await sizeOf(path)) === BALLAST_BYTES) return true;
  try {
    const file = await open(path, 'w', 0o600);
    try {
      // Random, because a file system that compresses would hold back nothing for zeros.
      await file.writeFile(randomBytes(BALLAST_BYTES));
      await file.datasync();
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    await dropBallast(path);
    const explained = explain(`write ${path}`, error);
    if (explained instanceof JournalFull) return false;
    throw explained;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}
