/** Makes sure that a path which a repository names stays in the repository, whatever links lie on the way. */
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { ConfigError } from '../../loop/errors.ts';
import { hasCode } from './has-code.ts';

/**
 * The real path of `file` under `root`; where it does not exist yet, that of its folder and its name.
 * @throws ConfigError when it leads out of the repository or into `.git`, or to something that is no regular file
 */
export async function insideRepository(root: string, file: string): Promise<string> {
  const top = await realpath(root);
  const path = join(top, file);
  const real = await resolve(path, file);
  const steps = relative(top, real).split(sep);
  if (steps[0] === '..' || steps[0]?.toLowerCase() === '.git')
    throw new ConfigError(`${file} leads out of the repository, to ${real}: replace the link by a file`);
  return real;
}

async function resolve(path: string, file: string): Promise<string> {
  try {
    const real = await realpath(path);
    if (!(await lstat(real)).isFile()) throw new ConfigError(`${file} is not a regular file`);
    return real;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const dangling = await lstat(path).catch(() => null);
  if (dangling !== null) throw new ConfigError(`${file} is a link to nothing: remove it`);
  try {
    return join(await realpath(dirname(path)), basename(path));
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new ConfigError(`${file} has no folder to stand in: make it first`, { cause: error });
  }
}
