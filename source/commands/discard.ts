/** discard: finished work that nobody wants. Its branch is kept for a week. */
import type { Command } from 'commander';
import { confirm, needSomebody } from './ask.ts';
import { command } from './command.ts';
import { Ended } from './ended.ts';

export function discard(program: Command): void {
  program
    .command('discard')
    .description('throw green work away; its branch is kept for a week')
    .argument('<run>', 'id of the run')
    .option('--yes', 'do not ask')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  looptop discard ci-fix-12 --yes')
    .action(async (run: string, { yes, json }: { yes?: true; json?: true }) => {
      const question = `Discard ${run}? Its worktree goes now, its branch in a week.`;
      if (yes !== true) needSomebody(question);
      if (!(await confirm(question, yes === true))) throw new Ended('nothing was done', 1);
      return command({ do: 'discard', run }, json);
    });
}
