/** init: a first loop and an empty RULES.md, made to measure for this repository. Overwrites nothing. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../loop/errors.ts';
import { sanitize } from '../loop/text.ts';
import { insideRepository } from '../supervisor/memory/inside.ts';
import { print, printJson } from './print.ts';
import { findRepository } from './repository.ts';

export function init(program: Command): void {
  program
    .command('init')
    .description('write a first loop and RULES.md, with gates found in this repository')
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', '\nExample:\n  looptop init && looptop trust && looptop run ci-fix')
    .action(async ({ json }: { json?: true }) => {
      const root = await findRepository();
      const { propose } = await import('../supervisor/memory/propose.ts');
      const { files, notes } = await propose(root);
      for (const { path, text } of files) await write(root, path, text);
      if (json) return printJson({ written: files.map(({ path }) => path), notes });
      for (const { path } of files) print(`wrote ${path}`);
      for (const words of notes) print(sanitize(words));
      print('next: read the loop, then `looptop trust` and `looptop run ci-fix`');
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
