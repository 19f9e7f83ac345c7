/** down: end the supervisor and the agents it owns. Runs stay in the journal and can be resumed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { confirm, needSomebody } from './ask.ts';
import { fleetIfRunning } from './connect.ts';
import { Ended } from './ended.ts';
import { print, printJson } from './print.ts';

/** A polite end gives each agent its grace; after this long the supervisor is left to finish alone. */
const PATIENCE_MS = 60_000;

export function down(program: Command): void {
  program
    .command('down')
    .description('end the supervisor and its agents; `resume` takes the runs up again')
    .option('--now', 'do not wait for the agents to end politely')
    .option('--yes', 'do not ask')
    .option('--json', 'print what was done as JSON')
    .addHelpText('after', '\nExample:\n  looptop down --yes')
    .action(async ({ now, yes, json }: { now?: true; yes?: true; json?: true }) => {
      if (!yes) needSomebody('End the supervisor and its agents?');
      await using fleet = await fleetIfRunning();
      if (fleet === null) return json ? printJson({ was: 'down' }) : print('no supervisor runs here');
      const agents = Object.values(fleet.state.runs).filter(({ agent }) => agent && agent.fact.is !== 'dead').length;
      const question = `End the supervisor and ${agents === 1 ? 'its one agent' : `its ${agents} agents`}?`;
      if (!(await confirm(question, yes === true))) throw new Ended('nothing was done', 1);
      const { text } = await fleet.carryOut({ do: 'down', now: now === true });
      const waiting = new AbortController();
      const gone = await Promise.race([
        fleet.closed.then(() => true),
        sleep(PATIENCE_MS, false, { signal: waiting.signal }),
      ]).finally(() => waiting.abort());
      if (json) printJson({ was: 'up', gone, text });
      else print(gone ? text : `${text} It still waits for its agents: looptop down --now ends them at once.`);
    });
}
