/** Reads every loop file of a repository. Reading executes nothing; whether it may run is for trust.ts to say. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LARGEST_FILE } from '../../loop/definition/fence.ts';
import { type Parsed, parseLoop } from '../../loop/definition/parse.ts';
import { ConfigError } from '../../loop/errors.ts';
import { missingBeside } from './beside.ts';
import { hasCode } from './has-code.ts';
import { insideRepository } from './inside.ts';

export interface LoopFile {
  /** Relative to the repository: `loops/ci-fix.md`. */
  readonly path: string;
  /** Empty when it could not be read; then `parsed` says why. */
  readonly text: string;
  readonly parsed: Parsed;
}

/** `loops/*.md` but README.md, by name; none when there is no such folder. */
export async function readLoops(root: string): Promise<LoopFile[]> {
  const names = await readdir(join(root, 'loops')).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return [];
    throw error;
  });
  const files = names.filter(
    (name) => name.endsWith('.md') && !name.startsWith('.') && name.toLowerCase() !== 'readme.md',
  );
  return Promise.all(files.sort().map((name) => readLoop(root, `loops/${name}`)));
}

/** One loop file, `path` relative to the repository. What keeps it from being read becomes its problem. */
export async function readLoop(root: string, path: string): Promise<LoopFile> {
  try {
    const real = await insideRepository(root, path);
    if ((await stat(real)).size > LARGEST_FILE) return unreadable(path, 'the file is larger than 256 KiB');
    const text = await readFile(real, 'utf8');
    return { path, text, parsed: await withSurroundings(root, path, text, parseLoop(text, path)) };
  } catch (error) {
    if (error instanceof ConfigError) return unreadable(path, error.message);
    if (error instanceof Error) return unreadable(path, `the file cannot be read: ${error.message}`);
    throw error;
  }
}

/** What the loop names must be there: without it, it cannot run. */
export async function withSurroundings(root: string, path: string, text: string, parsed: Parsed): Promise<Parsed> {
  if (parsed.definition === null) return parsed;
  const problems = await missingBeside(root, path, text, parsed.definition);
  return problems.length === 0 ? parsed : { ...parsed, definition: null, problems };
}

function unreadable(file: string, message: string): LoopFile {
  const problem = { file, line: 1, key: '', found: '', message };
  return { path: file, text: '', parsed: { definition: null, problems: [problem], warnings: [] } };
}
