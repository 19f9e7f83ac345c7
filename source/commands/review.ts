/** review: what is done and waits to be read, in order of risk, and what is owed; with a run, why it is believed done and its diff. */
import type { Command } from 'commander';
import { UsageError } from '../loop/errors.ts';
import { emptyFleet } from '../loop/fold.ts';
import { debtWords, landingClosed, owed, owedByLoop } from '../loop/review/owed.ts';
import { reviewQueue } from '../loop/review/queue.ts';
import type { FleetState } from '../loop/state.ts';
import { sanitize } from '../loop/text.ts';
import { formatDuration } from '../loop/units.ts';
import { lookAtFleet } from './connect.ts';
import { print, printJson } from './print.ts';
import { entryJson, owedJson } from './review/json.ts';
import { reviewRun } from './review/run.ts';
import { type Column, table } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'RUN' },
  { title: 'STATE' },
  { title: 'RISK', align: 'right' },
  { title: 'TO READ', align: 'right' },
  { title: 'AGE', align: 'right' },
  { title: 'BECAUSE' },
];

export function review(program: Command): void {
  program
    .command('review')
    .description('what waits to be read, the riskiest first, and what is owed; with a run its evidence and diff')
    .argument('[run]', 'id of the run')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      "\nExample:\n  looptop review --json | jq '.queue[0].id'\n  looptop review ci-fix-12 | less -R",
    )
    .action(async (name: string | undefined, { json }: { json?: true }) => {
      await using fleet = await lookAtFleet();
      if (name === undefined) return showQueue(fleet?.state ?? emptyFleet(), json === true);
      if (fleet === null) throw new UsageError(`there is no run ${name}: nothing has run in this repository yet`);
      await reviewRun(fleet.root, fleet.state, name, json === true);
    });
}

async function showQueue(state: FleetState, json: boolean): Promise<void> {
  if (json) return printJson({ queue: reviewQueue(state).map(entryJson), owed: owedJson(state) });
  const now = Date.now();
  const rows = reviewQueue(state).map((entry) => [
    entry.id,
    entry.kind === 'green' ? 'review' : 'landed',
    entry.kind === 'green' ? String(entry.risk.score) : '',
    String(entry.unread),
    formatDuration(Math.max(0, now - entry.since)),
    entry.kind === 'green' ? (entry.risk.reasons[0]?.words ?? '') : 'landed and not read',
  ]);
  if (rows.length === 0) print('nothing waits for review');
  for (const line of await table(
    COLUMNS,
    rows.map((row) => row.map(oneLine)),
    process.stdout.columns,
  )) {
    if (rows.length > 0) print(line);
  }
  for (const line of owedLines(state)) print(line);
}

const oneLine = (text: string): string => sanitize(text.replaceAll('\n', ' '));

/** What has landed and nobody has read: of the repository, then of each loop. */
function owedLines(state: FleetState): string[] {
  const { lines } = owed(state);
  if (lines === 0) return [];
  return [
    `unread on ${sanitize(state.repository.branch)}: ${debtWords(lines)}`,
    ...owedByLoop(state).flatMap(({ loop, owed: own }) => {
      const closed = landingClosed(state, loop);
      return [`  ${sanitize(loop)}: ${debtWords(own.lines)}`, ...(closed === null ? [] : [`    ${sanitize(closed)}`])];
    }),
    'Time on screen is a proxy for reading: space in the pane says it for sure.',
  ];
}
