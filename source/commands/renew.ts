/** renew: let the heartbeat of a loop go on for another `expires`. */
import type { Command } from 'commander';
import { UsageError } from '../loop/errors.ts';
import { heartOf } from '../loop/schedule/pulse.ts';
import type { FleetState } from '../loop/state.ts';
import { openFleet } from './connect.ts';
import { print, printJson } from './print.ts';

export function renew(program: Command): void {
  program
    .command('renew')
    .description('let a loop that starts by itself go on for another `expires` (7 days by default)')
    .argument('[loop...]', 'names of loops')
    .option('--all', 'every loop that starts by itself')
    .option('--json', 'print the answers as JSON')
    .addHelpText('after', '\nExample:\n  looptop renew triage')
    .action(async (names: string[], { all, json }: { all?: true; json?: true }) => {
      if (names.length === 0 && !all) throw new UsageError('name a loop, or --all');
      await using fleet = await openFleet();
      const said: { loop: string; text: string }[] = [];
      for (const loop of all ? beating(fleet.state) : names) {
        const { text } = await fleet.carryOut({ do: 'renew', loop });
        said.push({ loop, text });
        if (!json) print(text);
      }
      if (json) printJson(said);
      else if (said.length === 0) print('no loop starts by itself');
    });
}

/** Those that beat, or would if they had not expired. */
const beating = (state: FleetState): string[] =>
  Object.keys(state.loops).filter((name) => heartOf(state, name) !== null);
