/** spend: where tokens and money went, how fast they go, and how long the day's budget lasts. */
import { type Command, Option } from 'commander';
import { UsageError } from '../loop/errors.ts';
import { emptyFleet } from '../loop/fold.ts';
import { BREAKDOWNS, type Breakdown } from '../loop/spend/rows.ts';
import { dayBefore } from '../loop/spend/words.ts';
import { lookAtFleet } from './connect.ts';
import { csv } from './csv.ts';
import { print, printJson } from './print.ts';
import type { Report } from './spend/report.ts';

interface Options {
  readonly since: string;
  readonly by: Breakdown;
  readonly csv?: true;
  readonly json?: true;
}

export function spend(program: Command): void {
  program
    .command('spend')
    .description('where tokens and money went, how fast they go, how long the budget lasts')
    .option('--since <days>', 'how far back: 7d, 4w, or a day such as 2026-11-01 (90 days are kept)', '7d')
    .addOption(new Option('--by <what>', 'what to add up by').choices(BREAKDOWNS).default('loop'))
    .option('--csv', 'print the rows as CSV')
    .option('--json', 'print everything as one JSON object, prices and their origin too')
    .addHelpText('after', '\nExample:\n  looptop spend --since 30d --by model --csv > spend.csv')
    .action(async ({ since, by, csv: asCsv, json }: Options) => {
      if (asCsv && json) throw new UsageError('--csv and --json are two formats: ask for one');
      const now = new Date();
      const first = firstDay(since, now);
      await using fleet = await lookAtFleet();
      const state = fleet?.state ?? emptyFleet();
      const { reportOf } = await import('./spend/report.ts');
      const report = reportOf(state, by, first, dayBefore(now.getTime(), 0), now.getTime());
      if (json) return printJson(named(report));
      if (asCsv) return void process.stdout.write(csvOf(report));
      const { spendLines } = await import('./spend/lines.ts');
      for (const line of await spendLines(report, state, now.getTime(), process.stdout.columns)) print(line);
    });
}

/** The first calendar day of `7d` (today and the six before it), `4w` or a day. Throws UsageError for anything else. */
export function firstDay(since: string, now: Date): string {
  const days = /^(\d{1,4})([dw])$/.exec(since);
  if (days) {
    const count = Number(days[1]) * (days[2] === 'w' ? 7 : 1);
    if (count > 0) return dayBefore(now.getTime(), count - 1);
  }
  if (/^\d{4}-\d\d-\d\d$/.test(since) && !Number.isNaN(Date.parse(since))) return since;
  throw new UsageError(`--since ${since}: expected whole days such as 7d or 4w, or a day such as 2026-11-01`);
}

/** Rows under the name of what they are: `{"loop": "ci-fix", …}`. */
const named = (report: Report) => ({
  ...report,
  rows: report.rows.map(({ key, ...row }) => ({ [report.by]: key, ...row })),
});

/** No total: whoever adds up the column has it. */
export function csvOf({ by, rows }: Pick<Report, 'by' | 'rows'>): string {
  const header = [
    by,
    'usd',
    'pricedUsd',
    'provenance',
    'fresh',
    'input',
    'cacheRead',
    'cacheWrite',
    'output',
    'reasoning',
  ];
  const records = rows.map(({ key, usd, pricedUsd, provenance, tokens }) => [
    key,
    usd,
    pricedUsd,
    provenance,
    tokens.fresh,
    tokens.input,
    tokens.cacheRead,
    tokens.cacheWrite,
    tokens.output,
    tokens.reasoning,
  ]);
  return csv(header, records);
}
