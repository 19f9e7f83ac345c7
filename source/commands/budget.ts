/** budget: change a cap of a run in flight. */
import type { Command } from 'commander';
import type { Command as Asked } from '../loop/command.ts';
import { UsageError } from '../loop/errors.ts';
import type { FleetState } from '../loop/state.ts';
import { commandFor } from './command.ts';
import { findFan } from './select.ts';

interface Caps {
  tokens?: string;
  usd?: string;
  wall?: string;
  passes?: string;
}

export function budget(program: Command): void {
  program
    .command('budget')
    .description('raise a cap in flight: +AMOUNT adds to it, AMOUNT sets it')
    .argument('<run>', 'id of the run, or of a fan for the caps of all its runs together')
    .option('--tokens <amount>', 'fresh tokens, e.g. +200k')
    .option('--usd <amount>', 'money, e.g. +2')
    .option('--wall <duration>', 'time, e.g. +30m')
    .option('--passes <number>', 'passes, e.g. +2')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  looptop budget ci-fix-12 --tokens +200k --usd +2')
    .action((run: string, { json, ...caps }: Caps & { json?: true }) => {
      if (Object.keys(caps).length === 0) throw new UsageError('name a cap: --tokens, --usd, --wall or --passes');
      return commandFor((state) => fanOr(state, run, caps), json);
    });
}

/** A loop's name means its run, where it has one that is no part of a fan. */
function fanOr(state: FleetState, name: string, caps: Caps): Asked {
  const fan = findFan(state, name);
  return fan === null ? { do: 'budget', run: name, ...caps } : { do: 'budget-fan', fan: fan.id, ...caps };
}
