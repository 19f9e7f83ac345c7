/** up: the supervisor without a pane. --foreground is what every other verb starts in the background. */
import type { Command } from 'commander';
import { openFleet } from './connect.ts';
import { print, printJson } from './print.ts';
import { findRepository } from './repository.ts';

export function up(program: Command): void {
  program
    .command('up')
    .description('start the supervisor of this repository, if none runs')
    .option('--foreground', 'stay in this terminal and log to it')
    .option('--json', 'print its pid as JSON')
    .addHelpText('after', '\nExample:\n  looptop up')
    .action(async ({ foreground, json }: { foreground?: true; json?: true }) => {
      if (foreground) {
        const { supervise } = await import('../supervisor/supervisor.ts');
        return supervise({ root: await findRepository(), log: print });
      }
      await using fleet = await openFleet();
      const pid = fleet.state.supervisor?.pid ?? null;
      if (json) printJson({ pid, root: fleet.root });
      else print(`the supervisor of ${fleet.root} runs, pid ${pid}`);
    });
}
