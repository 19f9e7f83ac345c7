/** No verb at all: the pane. */
import type { Command } from 'commander';

export function pane(program: Command): void {
  program
    .command('pane', { hidden: true })
    .description('open the pane; the supervisor is started if none runs')
    .addHelpText('after', '\nExample:\n  looptop')
    .action(async () => {
      throw new Error('the pane is not there yet');
    });
}
