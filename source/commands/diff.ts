/** diff: what a run has changed, against the commit it started from. */
import type { Command } from 'commander';
import { UsageError } from '../loop/errors.ts';
import { reveal } from '../loop/text.ts';
import { lookAtFleet } from './connect.ts';
import { diffText } from './diff/text.ts';
import { print, printJson } from './print.ts';
import { findRun } from './select.ts';

export function diff(program: Command): void {
  program
    .command('diff')
    .description('what a run has changed since it started')
    .argument('<run>', 'id of the run')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  looptop diff ci-fix-12 | less -R')
    .action(async (name: string, { json }: { json?: true }) => {
      await using fleet = await lookAtFleet();
      if (fleet === null) throw new UsageError(`there is no run ${name}: nothing has run in this repository yet`);
      const run = findRun(fleet.state, name);
      if (run.base === null) throw new UsageError(`${run.id} has no worktree yet, so nothing to compare`);
      const text = await diffText(fleet.root, run);
      if (json) return printJson({ run: run.id, base: run.base, worktree: run.worktree, diff: text });
      if (text === '') return print(`${run.id} has changed nothing`);
      // The files are the agent's, so what is in them must not steer the terminal.
      for (const line of text.trimEnd().split('\n')) print(colour(reveal(line)));
    });
}

function colour(line: string): string {
  if (!process.stdout.hasColors?.()) return line;
  const code = line.startsWith('@@')
    ? 36
    : /^(\+\+\+|---|diff |index )/.test(line)
      ? 1
      : line.startsWith('+')
        ? 32
        : line.startsWith('-')
          ? 31
          : 0;
  return code === 0 ? line : `\u001b[${code}m${line}\u001b[0m`;
}
