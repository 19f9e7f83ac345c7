/** Finds programs on the PATH and asks them for their version. */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The slowest, opencode, takes three seconds from cold; one that hangs must not hang the doctor. */
const VERSION_TIMEOUT_MS = 5000;

/** Absolute path of what a shell would start for `program`; null when nothing is found. */
export function findProgram(program: string, path: string = process.env.PATH ?? ''): string | null {
  if (program.includes('/')) return isProgram(resolve(program)) ? resolve(program) : null;
  for (const folder of path.split(delimiter)) {
    const file = join(folder, program);
    if (folder !== '' && isProgram(file)) return file;
  }
  return null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The first version number that `file flag` prints, e.g. `2.39.5`; null when it prints none, fails or takes longer than `timeout` ms. */
export async function versionOf(file: string, flag: string, timeout = VERSION_TIMEOUT_MS): Promise<string | null> {
  try {
    const { stdout, stderr } = await promisify(execFile)(file, [flag], {
      timeout,
      killSignal: 'SIGKILL',
    });
    return /\d+(?:\.\d+)+[\w.+-]*/.exec(`${stdout}\n${stderr}`)?.[0] ?? null;
  } catch {
    return null;
  }
}
