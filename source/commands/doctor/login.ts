/** Whether an engine's agents have a credential, as far as variables and files tell. Asks nobody: whether it still holds, only a request shows. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { LoginFile, Program } from '../../agents/programs.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable or the file that holds a credential; null when none was found. */
export function loginOf(program: Program, env: Environment = process.env): string | null {
  const key = program.keys.find((variable) => (env[variable] ?? '') !== '');
  return key ?? program.files.map((file) => pathOf(file, env)).find(holdsSomething) ?? null;
}

function pathOf({ variable, usual, moved }: LoginFile, env: Environment): string {
  const folder = variable === null ? '' : (env[variable] ?? '');
  return folder === '' ? join(env.HOME || homedir(), usual) : join(folder, moved);
}

/** A logout leaves an empty object behind. A file that cannot be read may well be a login. */
function holdsSomething(file: string): boolean {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return text !== '' && !isDeepStrictEqual(JSON.parse(text), {});
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
    return !absent;
  }
}
