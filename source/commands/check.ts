/** check: whether loop files can run, with every problem at its line. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Parsed } from '../loop/definition/parse.ts';
import { formatProblem } from '../loop/definition/problem.ts';
import { UsageError } from '../loop/errors.ts';
import { sanitize } from '../loop/text.ts';
import { Ended } from './ended.ts';
import { print, printJson } from './print.ts';
import { proveLoops } from './prove.ts';
import { findRepository } from './repository.ts';

interface Checked {
  readonly path: string;
  readonly parsed: Parsed;
}

export function check(program: Command): void {
  program
    .command('check')
    .description('check loop files; all of loops/ when none is named')
    .argument('[file...]', 'loop files')
    .option('--prove', 'run the gates on the base commit, in a throw-away worktree, and say which can fail')
    .option('--json', 'print what was found as a JSON array')
    .addHelpText(
      'after',
      '\nA gate that is green before any work was done proves nothing, unless it says `guards: true`.\n' +
        'Exit code: 0 all is well, 1 --prove found a gate that proves nothing or cannot run, 2 a bad file, 7 not trusted.\n' +
        '\nExamples:\n  looptop check loops/ci-fix.md\n  looptop check --prove ci-fix',
    )
    .action(async (files: string[], { json, prove }: { json?: true; prove?: true }) => {
      if (prove) return proveLoops(files, json === true);
      const checked = files.length > 0 ? await Promise.all(files.map(readNamed)) : await readAll();
      if (json) {
        printJson(
          checked.map(({ path, parsed: { problems, warnings } }) => ({
            path,
            ok: problems.length === 0,
            problems,
            warnings,
          })),
        );
      } else {
        for (const file of checked) tell(file);
        if (checked.length === 0) print('no loop file in loops/: looptop init writes one');
      }
      if (checked.some(({ parsed }) => parsed.problems.length > 0)) throw new Ended('', 2);
    });
}

/** A fine file on stdout; what is wrong on stderr, as editors and CI read it: FILE:LINE: words. */
function tell({ path, parsed: { definition, problems, warnings } }: Checked): void {
  for (const problem of problems) process.stderr.write(`${sanitize(formatProblem(problem))}\n`);
  for (const warning of warnings) process.stderr.write(`${sanitize(formatProblem(warning))} (warning)\n`);
  if (definition !== null)
    print(
      `${sanitize(path)}: ok, ${definition.gates.length === 1 ? '1 gate' : `${definition.gates.length} gates`}, ${definition.maker.engine}`,
    );
}

async function readAll(): Promise<readonly Checked[]> {
  const { readLoops } = await import('../supervisor/memory/loop-files.ts');
  return readLoops(await findRepository());
}

async function readNamed(path: string): Promise<Checked> {
  try {
    const { parseLoop } = await import('../loop/definition/parse.ts');
    const { withSurroundings } = await import('../supervisor/memory/loop-files.ts');
    const text = await readFile(path, 'utf8');
    const parsed = parseLoop(text, path);
    // A file that lies in no repository has nothing beside it, and may still be looked at.
    const root = await findRepository(dirname(resolve(path))).catch(() => null);
    return { path, parsed: root === null ? parsed : await withSurroundings(root, path, text, parsed) };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path} cannot be read: ${words}`, { cause: error });
  }
}
