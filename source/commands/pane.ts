/** No verb at all: the pane. */
import type { Command } from 'commander';
import type { Fleet } from './connect.ts';

/** Shows the fleet until the operator leaves. */
export async function showPane(_fleet: Fleet): Promise<void> {
  throw new Error('the pane is not there yet');
}

export function pane(program: Command): void {
  program
    .command('pane', { hidden: true })
    .description('open the pane; the supervisor is started if none runs')
    .addHelpText('after', '\nExample:\n  looptop')
    .action(async () => {
      throw new Error('the pane is not there yet');
    });
}
