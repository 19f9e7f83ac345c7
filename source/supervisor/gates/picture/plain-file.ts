/** Reads a file that somebody else may have put there: no link is followed, no pipe waited for, nothing too large taken in. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { hasCode } from '../../memory/has-code.ts';

export type PlainFile = { readonly bytes: Buffer } | { readonly not: string };

/** The whole content, or why not, in words that go on from the file's name. @param most bytes */
export async function readPlainFile(path: string, most: number): Promise<PlainFile> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) return { not: 'is no regular file' };
    if (stats.size > most) return { not: `is larger than ${Math.floor(most / 1024 / 1024)} MiB` };
    return { bytes: await file.readFile() };
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return { not: 'is not there' };
    if (hasCode(error, 'ELOOP')) return { not: 'is a link, and not a file of its own' };
    throw error;
  }
}
