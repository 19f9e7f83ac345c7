/** Which repository a verb is about: the git checkout the operator stands in. */
import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { promisify } from 'node:util';
import { UsageError } from '../loop/errors.ts';

/**
 * Absolute path of the checkout around `folder`, symlinks resolved, so that one repository has one supervisor.
 * @throws UsageError outside a git checkout.
 */
export async function findRepository(folder: string = process.cwd()): Promise<string> {
  try {
    // By hand and not through a library: this is on the way of every verb, and execa costs 139 ms to load unbundled.
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--show-toplevel'], {
      cwd: folder,
      timeout: 10_000,
    });
    return await realpath(stdout.replace(/\n$/, ''));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new UsageError('git is not on the PATH; looptop doctor says what is needed', { cause: error });
    }
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    if (words.includes('must be run in a work tree')) {
      throw new UsageError(
        `${folder} is in a bare repository or a .git folder, which has no files to work on: cd into a checkout, or clone it`,
        { cause: error },
      );
    }
    const none = words === '' || words.includes('not a git repository');
    const what = none
      ? 'is not in a git repository: cd into one, or `git init`'
      : `cannot be used: ${words.split('\n')[0]}`;
    throw new UsageError(`${folder} ${what}`, { cause: error });
  }
}
