/** Puts a new version in a file's place: a reader or a crash sees the old one or the new one, never half of one. */
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * @param mode permission bits; null for a new file's usual ones (0666 less the umask)
 * @param before last look before the new version takes the place; false leaves all as it is
 * @returns whether it was replaced
 */
export async function replaceFile(
  path: string,
  text: string,
  mode: number | null,
  before: () => Promise<boolean> = async () => true,
): Promise<boolean> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${crypto.randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode ?? 0o666);
    try {
      // The mode of open() is cut by the umask, a kept one must not be.
      if (mode !== null) await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!(await before())) return false;
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  // The rename itself is only safe once the folder is.
  const directory = await open(folder);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return true;
}
