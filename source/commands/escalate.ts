/** escalate: go on with a stronger model, the context handed over. */
import type { Command } from 'commander';
import { command } from './command.ts';

export function escalate(program: Command): void {
  program
    .command('escalate')
    .description('go on with a stronger model: the next rung of the ladder')
    .argument('<run>', 'id of the run')
    .option('--to <rung|model>', 'which rung, or any model')
    .option('--note <text>', 'what the stronger model should know')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  looptop escalate ci-fix-12 --to opus --note "the mock clock is the suspect"')
    .action((run: string, { json, ...rest }: { to?: string; note?: string; json?: true }) =>
      command({ do: 'escalate', run, ...rest }, json),
    );
}
