/** The report of `spend` for people: a table with bars, the course of it, and what it comes to. */
import { NO_SPEND } from '../../loop/meter.ts';
import type { Price } from '../../loop/price.ts';
import { fullSigns, sparkline } from '../../loop/spark.ts';
import { forecast } from '../../loop/spend/burn.ts';
import { spendRows } from '../../loop/spend/rows.ts';
import { clock, daysBetween, forecastWords, rateWords, triageWords, usdWords } from '../../loop/spend/words.ts';
import type { FleetState, Provenance } from '../../loop/state.ts';
import { sanitize } from '../../loop/text.ts';
import { fresh } from '../../loop/tokens.ts';
import { formatTokens, formatUsd } from '../../loop/units.ts';
import { isUtf8 } from '../doctor/terminal.ts';
import { type Column, cut, table, widthFor } from '../table.ts';
import type { Report, SpendJson } from './report.ts';

const BAR = 20;

/** Mark and word of how a figure is known, as the pane has them. */
const KNOWN: Readonly<Record<Provenance, string>> = {
  exact: 'exact',
  live: 'live ~',
  estimated: 'estimated ≈',
  unknown: 'unknown ?',
};

/** Lines at `now` (ms since 1970), no wider than `columns`; whole when that is undefined, as it is for a pipe. */
export async function spendLines(
  report: Report,
  state: FleetState,
  now: number,
  columns: number | undefined,
): Promise<string[]> {
  const { rows, total, by, since, until } = report;
  if (rows.length === 0) return [`nothing was spent since ${since}: looptop spend --since 90d looks further back`];
  const heads: Column[] = [
    { title: by.toUpperCase() },
    { title: 'SHARE' },
    { title: '', align: 'right' },
    { title: 'USD', align: 'right' },
    { title: 'FRESH', align: 'right' },
    { title: 'CACHED', align: 'right' },
    { title: 'KNOWN' },
  ];
  const cells = rows.map((row) => [sanitize(row.key), ...shareCells(row, total), ...figureCells(row)]);
  const sum = ['total', '', '', ...figureCells(total)];
  const grid = await table(heads, [...cells, sum], columns);
  const said = [`spent ${since === until ? 'today' : `from ${since} to ${until}`}, by ${by}`, '', ...grid, ''];
  const below = notes(report, state, now);
  const width = await widthFor(below);
  return [...said, ...below.map((note) => cut(note, columns, width))].map(asShown);
}

function shareCells(row: SpendJson, total: SpendJson): string[] {
  const share =
    total.pricedUsd > 0 ? row.pricedUsd / total.pricedUsd : row.tokens.fresh / Math.max(1, total.tokens.fresh);
  const full = fullSigns(share, BAR);
  return ['█'.repeat(full) + '░'.repeat(BAR - full), `${Math.round(share * 100)} %`];
}

const figureCells = (row: SpendJson): string[] => [
  usdCell(row),
  formatTokens(row.tokens.fresh),
  formatTokens(row.tokens.cacheRead),
  KNOWN[row.provenance],
];

const usdCell = ({ usd, pricedUsd }: SpendJson): string => usdWords({ usd: pricedUsd, unpriced: usd === null });

function notes(report: Report, state: FleetState, now: number): string[] {
  const { total, burn, today } = report;
  const saved = report.withoutTriage;
  const reached = forecastWords(state, forecast(state, now), now);
  return [
    ...(total.unpricedTokens > 0
      ? [
          `unpriced  ${formatTokens(total.unpricedTokens)} fresh tokens of ${unpriced(report).join(', ') || 'models without a price'}`,
        ]
      : []),
    course(report, state),
    `now       ${rateWords(burn.five)}, over the hour ${rateWords(burn.sixty)}`,
    `today     ${usdCell(today)} of ${formatUsd(today.capUsd)}, ${formatTokens(today.tokens.fresh)} of ${formatTokens(today.capTokens)} fresh tokens`,
    ...(reached === '' ? [] : [`forecast  ${reached}`]),
    ...(saved === null ? [] : [`triage    ${sanitize(triageWords(saved))}`, `          (${saved.formula})`]),
    `prices    ${priceWords(Object.values(report.prices))}`,
  ];
}

/** By the hour for one day, else by the day; in money where anything has a price. */
function course(report: Report, state: FleetState): string {
  const inUsd = report.total.pricedUsd > 0;
  const points =
    report.since === report.until
      ? report.hours.map(({ at, usd, tokens }) => ({ when: `at ${clock(new Date(at))}`, usd, tokens }))
      : byDay(state, report.since, report.until);
  const values = points.map(({ usd, tokens }) => (inUsd ? usd : tokens));
  const top = points[values.indexOf(Math.max(...values))];
  const unit = report.since === report.until ? 'hours' : 'days';
  const most = top === undefined ? '' : `  most ${inUsd ? formatUsd(top.usd) : formatTokens(top.tokens)} ${top.when}`;
  return `${`${points.length} ${unit}`.padEnd(10)}${sparkline(values)}${most}`;
}

function byDay(state: FleetState, since: string, until: string) {
  const days = new Map(spendRows(state, 'day', since).map(({ key, spend }) => [key, spend]));
  return daysBetween(since, until).map((day) => {
    const spend = days.get(day) ?? NO_SPEND;
    return { when: `on ${day}`, usd: spend.usd, tokens: fresh(spend.tokens) };
  });
}

const unpriced = ({ prices }: Report): string[] =>
  Object.entries(prices).flatMap(([model, price]) => (price === null ? [sanitize(model)] : []));

/** `3 by our table (oldest of 2026-09-23), 1 by yours`. */
function priceWords(prices: readonly (Price | null)[]): string {
  const by = (who: Price['by']) => prices.filter((price) => price?.by === who);
  const table = by('table');
  const oldest = table.map((price) => price?.asOf ?? '').sort()[0];
  const parts = [
    table.length > 0 && `${table.length} by our table (oldest row ${oldest})`,
    by('operator').length > 0 && `${by('operator').length} by yours`,
    by('genai-prices').length > 0 && `${by('genai-prices').length} by genai-prices`,
    prices.includes(null) && `${prices.filter((price) => price === null).length} unpriced`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'none known' : `${parts.join(', ')}`;
}

const TWINS: Readonly<Record<string, string>> = {
  '█': '#',
  '░': '-',
  '·': '.',
  '≥': '>',
  '≈': '~',
  '’': "'",
  '…': '~',
};
const STEPS = '▁▂▃▄▅▆▇';

/** In ASCII where the terminal has nothing else: steps of a sparkline as figures. */
function asShown(text: string): string {
  if (isUtf8(process.env)) return text;
  return [...text]
    .map((sign) => TWINS[sign] ?? (STEPS.includes(sign) ? String(STEPS.indexOf(sign) + 1) : sign))
    .join('');
}
