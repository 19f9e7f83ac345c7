/** hits, promote, dismiss: what the triage loops have found, and what becomes of it. */
import type { Command } from 'commander';
import { emptyFleet } from '../loop/fold.ts';
import type { FleetState, Hit } from '../loop/state.ts';
import { sanitize } from '../loop/text.ts';
import { byUrgency } from '../loop/triage/hits.ts';
import { targetOf } from '../loop/triage/promote.ts';
import { formatDuration } from '../loop/units.ts';
import { command } from './command.ts';
import { lookAtFleet } from './connect.ts';
import { print, printJson } from './print.ts';
import { type Column, table } from './table.ts';

const JSON_OPTION = ['--json', 'print the answer as JSON'] as const;

const COLUMNS: readonly Column[] = [
  { title: 'HIT' },
  { title: 'PRI' },
  { title: 'CONF', align: 'right' },
  { title: 'AGE', align: 'right' },
  { title: 'STATE' },
  { title: 'WOULD RUN' },
  { title: 'WHAT' },
];

export function hits(program: Command): void {
  program
    .command('hits')
    .description('what the triage loops have found')
    .option('--all', 'the promoted, dismissed and expired ones too')
    .option('--json', 'print one JSON array')
    .addHelpText('after', "\nExample:\n  looptop hits --json | jq -r '.[0].evidence'")
    .action(list);
  program
    .command('promote')
    .description('start the loop that takes a hit')
    .argument('<hit>', 'as `looptop hits` shows it')
    .option('--to <loop>', 'another loop than the one suggested')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  looptop promote h41 --to ci-fix')
    .action((hit: string, { to, json }: { to?: string; json?: true }) =>
      command({ do: 'promote', hit, ...(to === undefined ? {} : { to }) }, json),
    );
  program
    .command('dismiss')
    .description('drop a hit; it comes back only if it becomes more urgent')
    .argument('<hit>', 'as `looptop hits` shows it')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  looptop dismiss h40')
    .action((hit: string, { json }: { json?: true }) => command({ do: 'dismiss', hit }, json));
}

async function list({ all, json }: { all?: true; json?: true }): Promise<void> {
  await using fleet = await lookAtFleet();
  const state = fleet?.state ?? emptyFleet();
  const chosen = Object.values(state.hits)
    .filter(({ status }) => all || status === 'open')
    .sort((a, b) => Number(a.status !== 'open') - Number(b.status !== 'open') || byUrgency(a, b));
  if (json) return printJson(chosen.map((hit) => hitJson(state, hit)));
  if (chosen.length === 0) {
    for (const line of nothing(state)) print(line);
    return;
  }
  const now = Date.now();
  const rows = chosen.map((hit) => row(state, hit, now).map(sanitize));
  for (const line of await table(COLUMNS, rows, process.stdout.columns)) print(line);
}

function row(state: FleetState, hit: Hit, now: number): string[] {
  const { id, priority, confidence, at, status, reason, evidence } = hit;
  return [
    id,
    priority,
    confidence.toFixed(2),
    formatDuration(Math.max(0, now - at)),
    status === 'promoted' ? `promoted: ${hit.promotedTo}` : status,
    targetOf(state, hit) ?? 'a person',
    evidence === '' ? reason : `${reason} (${evidence})`,
  ].map((cell) => cell.replaceAll('\n', ' '));
}

/** Why there is nothing, loop by loop. */
function nothing(state: FleetState): string[] {
  const looks = Object.entries(state.triage).flatMap(([loop, { looked }]) =>
    looked === null
      ? []
      : [sanitize(`${loop} looked ${formatDuration(Math.max(0, Date.now() - looked.at))} ago: ${looked.words}`)],
  );
  return ['no hit is open', ...looks];
}

/** The public shape: times readable, and where it would go. */
export const hitJson = (state: FleetState, { at, expires, ...hit }: Hit) => ({
  ...hit,
  at: new Date(at).toISOString(),
  expiresAt: new Date(expires).toISOString(),
  wouldRun: targetOf(state, { ...hit, at, expires }),
});
