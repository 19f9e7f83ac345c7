/** init: loops and an empty RULES.md, made to measure for this repository. Overwrites nothing. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../loop/errors.ts';
import { sanitize } from '../loop/text.ts';
import { insideRepository } from '../supervisor/memory/inside.ts';
import { print, printJson } from './print.ts';
import { findRepository } from './repository.ts';

interface Options {
  readonly all?: true;
  readonly json?: true;
}

export function init(program: Command): void {
  program
    .command('init')
    .description(
      'write loops and RULES.md, made to measure: gates, branch, engines and page as found in this repository',
    )
    .argument(
      '[loop...]',
      'ci-fix, triage, pr-babysitter, visual-regression, refactor-fanout; those that fit when none is named',
    )
    .option('--all', 'those that do not fit too, switched off, with words about what to fill in')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      '\nNo file that is there is touched.\n\nExample:\n  looptop init && looptop trust && looptop run ci-fix',
    )
    .action(async (loops: string[], { all, json }: Options) => {
      if (all && loops.length > 0) throw new UsageError('name loops, or say --all');
      const root = await findRepository();
      const { propose } = await import('../supervisor/propose/propose.ts');
      const { files, notes } = await propose(root, all ? 'all' : loops.length > 0 ? loops : 'fitting');
      for (const { path, text } of files) await write(root, path, text);
      if (json) return printJson({ written: files.map(({ path }) => path), notes });
      for (const { path } of files) print(`wrote ${path}`);
      for (const words of notes) print(sanitize(words));
      print('next: read what was written, then `looptop trust` and `looptop run ci-fix`');
    });
}

async function write(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  // loops/ may be a link that the repository brought along.
  const file = await insideRepository(root, path);
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new UsageError(`${path} is there already and was left as it is`, { cause: error });
  }
}
