/** Finds the program behind a command line, so that a missing one is told apart before anything is started. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Where programs are looked for when the environment has no PATH. */
export const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** The program of an agent is not there or cannot be executed: trying again will not help. */
export class MissingBinary extends Error {
  override readonly name = 'MissingBinary';
  readonly binary: string;

  constructor(binary: string, detail: string) {
    super(`cannot start ${binary}: ${detail}`);
    this.binary = binary;
  }
}

/**
 * The file that `binary` names, by `path` (a PATH) when it has no slash, else from `cwd`.
 * @throws MissingBinary
 */
export function findBinary(binary: string, path: string | undefined, cwd: string): string {
  const named = binary.includes('/');
  const candidates = named
    ? [resolve(cwd, binary)]
    : (path ?? DEFAULT_PATH).split(delimiter).map((folder) => resolve(cwd, join(folder, binary)));
  let refused: string | null = null;
  for (const candidate of binary === '' ? [] : candidates) {
    if (!statSync(candidate, { throwIfNoEntry: false })?.isFile()) continue;
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      refused ??= candidate;
    }
  }
  if (refused !== null) throw new MissingBinary(binary, `${refused} is not executable`);
  throw new MissingBinary(binary, named ? 'there is no such file' : 'it is not on the PATH');
}
