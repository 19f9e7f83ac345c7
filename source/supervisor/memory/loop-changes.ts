/** Tells when something in loops/ has changed: a loop that was edited, switched off or deleted must not go on beating as it was. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A look costs a `stat` for each loop file; a kernel watch would be lost with the folder at every checkout. */
const LOOK_EVERY_MS = 2000;

/**
 * Calls `changed` after each look that finds a file added, gone, replaced or written, and after the first, for nobody has looked
 * since they were last read. A look that fails says nothing.
 */
export function watchLoopFiles(root: string, changed: () => void): () => void {
  let last = '';
  const look = async () => {
    const now = await traceOf(join(root, 'loops'));
    if (now !== last) changed();
    last = now;
  };
  const timer = setInterval(() => look().catch(() => {}), LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

/** Names, times and sizes of the files, as one text; empty when there is no such folder. */
async function traceOf(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const traces = await Promise.all(
    names.sort().map(async (name) => {
      const stats = await stat(join(folder, name)).catch(() => null);
      return stats === null ? name : `${name} ${stats.ino} ${stats.mtimeMs} ${stats.size}`;
    }),
  );
  return traces.join('\n');
}
