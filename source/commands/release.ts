/** release: the operator has had a look at the pilot of a fan, and the other items begin. */
import type { Command } from 'commander';
import { command } from './command.ts';

export function release(program: Command): void {
  program
    .command('release')
    .description('let the items after the pilot of a fan begin')
    .argument('<fan>', 'id of the fan, or its loop')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  looptop show f1 && looptop release f1')
    .action((fan: string, { json }: { json?: true }) => command({ do: 'release', fan }, json));
}
