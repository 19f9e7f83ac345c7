/** A file of a loop's memory at the place where the loop file wants it. One that is not ours is never written over. */
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { ConfigError } from '../../loop/errors.ts';
import { hasCode } from './has-code.ts';
import { insideRepository } from './inside.ts';
import { replaceFile } from './replace-file.ts';

/** Null where there is none. @throws ConfigError when it leads out of the repository */
export async function readOwn(root: string, path: string): Promise<string | null> {
  try {
    return await readFile(await placeOf(root, path, false), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || (error instanceof ConfigError && hasCode(error.cause, 'ENOENT'))) return null;
    throw error;
  }
}

/**
 * Writes it and the folders it lies in, readable by the operator alone.
 * @throws ConfigError when it leads out of the repository, or when `isOurs` does not know what stands there
 */
export async function writeOwn(
  root: string,
  path: string,
  text: string,
  isOurs: (there: string) => boolean,
): Promise<void> {
  const there = await readOwn(root, path);
  if (there !== null && !isOurs(there))
    throw new ConfigError(`${path} was not written by looptop: move it, or name another file in the loop`);
  await replaceFile(await placeOf(root, path, true), text, 0o600);
}

async function placeOf(root: string, path: string, make: boolean): Promise<string> {
  if (make) {
    // The folders may be links: what exists of them must be inside before anything is made in it.
    const top = await realpath(root);
    const existing = await nearest(join(top, dirname(path)));
    const [first = ''] = relative(top, existing).split(sep);
    if (first === '..' || first.toLowerCase() === '.git')
      throw new ConfigError(`${path} leads out of the repository, to ${existing}`);
    await mkdir(join(top, dirname(path)), { recursive: true, mode: 0o700 });
  }
  return insideRepository(root, path);
}

/** The real path of as much of `folder` as exists. */
async function nearest(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return nearest(dirname(folder));
  }
}
