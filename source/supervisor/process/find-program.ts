/** Where a program is that a shell would start by its name. Starts nothing. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

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
