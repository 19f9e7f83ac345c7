/** The Spend view as rows of text: what today costs of its cap and how long that goes on, then where the money went. */
import { sparkline } from '../../loop/spark.ts';
import { burnRate, forecast } from '../../loop/spend/burn.ts';
import { BREAKDOWNS, type Breakdown, spendByHour, spendTotal, values } from '../../loop/spend/rows.ts';
import { withoutTriage } from '../../loop/spend/triage.ts';
import { clock, dayBefore, forecastWords, rateWords, triageWords, usdWords } from '../../loop/spend/words.ts';
import type { FleetState } from '../../loop/state.ts';
import { fresh } from '../../loop/tokens.ts';
import { formatTokens, formatUsd } from '../../loop/units.ts';
import { oneLine } from './clean.ts';
import { bar } from './meter.ts';
import { EMPTY, ends, fit, type Line, type Look, line, span, width } from './span.ts';
import { type SpendTable, spendTable } from './spend-table.ts';

/** How far back the table looks, in calendar days, today among them. */
export const PERIODS = [7, 30, 90, 1] as const;
export type Period = (typeof PERIODS)[number];

export interface SpendLook {
  readonly by: Breakdown;
  readonly period: Period;
  /** Rows of the table above the first that is shown. */
  readonly scroll: number;
  /** ms since 1970. */
  readonly now: number;
}

export const periodWords = (period: Period): string => (period === 1 ? 'today' : `${period} days`);

/** Cells of the words in front of each line of the head. */
const LABEL = 10;
const HOURS = 24;
const HOUR_MS = 3_600_000;

/** Exactly `rows` rows of `columns` cells. */
export function spendScreen(state: FleetState, look: SpendLook, columns: number, rows: number): Line[] {
  const { head, table, room } = laidOut(state, look, columns, rows);
  const from = Math.min(look.scroll, Math.max(0, table.length - room));
  const shown = table.body(from, from + room);
  const place = table.length > room ? `${from + 1}-${from + shown.length} of ${table.length}` : '';
  const nothing = [line(` Nothing was spent ${look.period === 1 ? 'today' : `in ${look.period} days`}.`, 'faint')];
  const out = [
    ...head,
    tabsLine(look, place, columns),
    ...(table.length === 0 ? nothing : [table.heading, ...shown, table.total]),
  ];
  return Array.from({ length: rows }, (_, at) => fit(out[at] ?? EMPTY, columns));
}

/** How far the table can be scrolled and what one page is, in rows. */
export function spendScroll(
  state: FleetState,
  look: SpendLook,
  columns: number,
  rows: number,
): { readonly page: number; readonly limit: number } {
  const { table, room } = laidOut(state, look, columns, rows);
  return { page: Math.max(1, room - 1), limit: Math.max(0, table.length - room) };
}

interface Layout {
  readonly head: readonly Line[];
  readonly table: SpendTable;
  /** Rows of the table's body. */
  readonly room: number;
}

function laidOut(state: FleetState, look: SpendLook, columns: number, rows: number): Layout {
  const table = spendTable(state, look, columns);
  // Tabs, heading and total; the head gets what a short table leaves, and a third of a small screen at most.
  const most = Math.max(1, Math.floor(rows / 3), rows - 3 - table.length - 1);
  const lines = headLines(state, look, columns, most);
  const head = rows >= 14 && lines.length < most ? [...lines, line('─'.repeat(columns), 'faint')] : lines;
  return { head, table, room: Math.max(1, rows - head.length - 3) };
}

/** `by [loop]  model  day …`, the open one in brackets, so that it shows without colour; period and place at the right. */
function tabsLine({ by, period }: SpendLook, place: string, columns: number): Line {
  const tabs = BREAKDOWNS.flatMap((each) =>
    each === by ? [span(`[${each}]`, 'picked')] : [span(` ${each} `, 'faint')],
  );
  const right: Line = [span(place === '' ? '' : `${place}  `, 'faint'), span(`${periodWords(period)} `, 'strong')];
  const left: Line = [span(' by '), ...tabs];
  if (width(left) + width(right) + 1 <= columns) return ends(left, right, columns);
  return ends([span(' by '), span(`[${by}]`, 'picked')], right, columns);
}

/** The most important lines, `most` of them, in their usual order. */
function headLines(state: FleetState, { now, period }: SpendLook, columns: number, most: number): Line[] {
  const narrow = columns < 76;
  const burn = burnRate(state, now);
  const reached = forecast(state, now);
  const saved = withoutTriage(state, dayBefore(now, period - 1));
  const hours = spendByHour(state, now, HOURS);
  const course = values(hours);
  const top = Math.max(...course);
  const topAt = clock(new Date((Math.floor(now / HOUR_MS) - HOURS + 1 + course.indexOf(top)) * HOUR_MS));
  const inUsd = hours.some(({ usd }) => usd > 0);
  const { unpriced } = spendTotal(state, dayBefore(now, 0));
  const labelled = (label: string, words: Line): Line => [span(` ${label.padEnd(LABEL - 1)}`, 'faint'), ...words];
  const all: readonly { readonly rank: number; readonly words: Line }[] = [
    { rank: 0, words: labelled('today', todayWords(state, now, columns)) },
    {
      rank: 2,
      words: labelled('now', [
        span(rateWords(burn.five)),
        span(narrow ? '' : `   over the hour ${rateWords(burn.sixty)}`, 'faint'),
      ]),
    },
    { rank: 1, words: forecastLine(state, reached, now, narrow, labelled) },
    {
      rank: 3,
      words: labelled('24 hours', [
        span(sparkline(course.slice(narrow ? -12 : 0)), 'busy'),
        span(
          top > 0 && !narrow ? `  most ${inUsd ? formatUsd(top) : `${formatTokens(top)} tokens`} at ${topAt}` : '',
          'faint',
        ),
      ]),
    },
    {
      rank: 4,
      words:
        saved === null
          ? EMPTY
          : labelled('triage', [
              span(oneLine(triageWords(saved)), saved.leftOut.length === 0 ? 'plain' : 'warn'),
              span(narrow ? '' : `  ${periodWords(period)}`, 'faint'),
            ]),
    },
    {
      rank: 5,
      words:
        unpriced === 0
          ? EMPTY
          : labelled('unpriced', line(`${formatTokens(unpriced)} fresh tokens of today have no known price`, 'warn')),
    },
  ];
  const there = all.filter(({ words }) => words.length > 0);
  const last = there.map(({ rank }) => rank).sort((a, b) => a - b)[most - 1] ?? Number.POSITIVE_INFINITY;
  return there.filter(({ rank }) => rank <= last).map(({ words }) => fit(words, columns));
}

function forecastLine(
  state: FleetState,
  reached: ReturnType<typeof forecast>,
  now: number,
  narrow: boolean,
  labelled: (label: string, words: Line) => Line,
): Line {
  const words = forecastWords(state, reached, now, narrow);
  if (words === '' || reached === null) return EMPTY;
  const look: Look = reached.inMs <= 0 ? 'bad' : / last until midnight$/.test(words) ? 'plain' : 'warn';
  return labelled('forecast', line(words, look));
}

/** `████░░░░  $8.01 / $25.00   1.4M / 20M tokens`; the bar is of the cap that is nearer. */
function todayWords(state: FleetState, now: number, columns: number): Line {
  const { spend } = spendTotal(state, dayBefore(now, 0));
  const { daily } = state.settings;
  const tokens = fresh(spend.tokens);
  const share = Math.max(daily.usd > 0 ? spend.usd / daily.usd : 0, daily.tokens > 0 ? tokens / daily.tokens : 0);
  const money: Line = [span(usdWords(spend), 'strong'), span(` / ${formatUsd(daily.usd)}`, 'faint')];
  const fully: Line = [
    ...money,
    span(`   ${formatTokens(tokens)}`),
    span(` / ${formatTokens(daily.tokens)} tokens`, 'faint'),
    span(share >= 0.8 ? `   ${Math.floor(share * 100)} %` : '', share >= 1 ? 'bad' : 'warn'),
  ];
  const length = Math.min(20, columns - LABEL - width(fully) - 3);
  if (length >= 6) return [...bar(share, length), span('  '), ...fully];
  return LABEL + width(fully) <= columns ? fully : money;
}
