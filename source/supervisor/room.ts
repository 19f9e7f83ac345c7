/** Whether there is room left where looptop, git and the agents write. Looked at ahead: an agent that cannot write its output dies of it. */
import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Full is below the smaller of the two: enough for the journal and git to end things in, too little to miss. */
const MARGIN = { bytes: 16 * 1024 * 1024, share: 0.01 } as const;

/**
 * The first folder, or what exists of its path, on a disk with fewer than `margins` margins of free space, in words; null when there is none.
 * @param margins 1 to call a disk full, more to call it free again
 */
export async function shortage(folders: readonly string[], margins: number): Promise<string | null> {
  for (const folder of folders) {
    const { bsize, blocks, bavail } = await statsOf(folder);
    const free = bavail * bsize;
    const margin = Math.min(MARGIN.bytes, blocks * bsize * MARGIN.share);
    if (free < margin * margins) return `${Math.round(free / 1024)} KiB are left on the disk of ${folder}`;
  }
  return null;
}

async function statsOf(folder: string): Promise<StatsFs> {
  try {
    return await statfs(folder);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing || dirname(folder) === folder) throw error;
    return statsOf(dirname(folder));
  }
}

const LOOK_EVERY_MS = 2000;

/** Calls `short` with words each time the folders are found short of room. A look that fails says nothing: the next may not. */
export function watchRoom(folders: readonly string[], short: (words: string) => void): () => void {
  const look = () =>
    shortage(folders, 1).then(
      (words) => words !== null && short(words),
      () => {},
    );
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
