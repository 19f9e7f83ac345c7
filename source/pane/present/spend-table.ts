/** The table of the Spend view: one row for each loop, model, day, role or run, dearest first, with its share and its course. */
import { fullSigns, sparkline } from '../../loop/spark.ts';
import { type Breakdown, type SpendRow, spendCourse, spendRows, spendTotal } from '../../loop/spend/rows.ts';
import { dayBefore, daysBetween, usdWords } from '../../loop/spend/words.ts';
import type { FleetState } from '../../loop/state.ts';
import { fresh } from '../../loop/tokens.ts';
import { formatTokens } from '../../loop/units.ts';
import { oneLine } from './clean.ts';
import { PROVENANCE_MARK, PROVENANCE_WORD } from './meter.ts';
import { cells, fit, type Line, padEnd, padStart, span } from './span.ts';

export interface SpendTable {
  readonly heading: Line;
  readonly length: number;
  /** Rows `from` to before `to`: a table can be much longer than its place. */
  body(from: number, to: number): readonly Line[];
  readonly total: Line;
}

const NAME = { least: 9, most: 30 } as const;
const GAP = 2;

/** Columns beside the name; those with the highest `rank` leave first when it is narrow. */
interface Column {
  readonly title: string;
  readonly size: number;
  readonly rank: number;
  readonly right: boolean;
}

/** `period` in calendar days, the one of `now` (ms since 1970) among them. Each row is at most `columns` cells wide. */
export function spendTable(
  state: FleetState,
  { by, period, now }: { readonly by: Breakdown; readonly period: number; readonly now: number },
  columns: number,
): SpendTable {
  const since = dayBefore(now, period - 1);
  const dearest = spendRows(state, by, since);
  // The newest day is the one that is looked for.
  const rows = by === 'day' ? dearest.reverse() : dearest;
  const total = { key: 'total', ...spendTotal(state, since) };
  const days = period > 1 && by !== 'day' ? daysBetween(since, dayBefore(now, 0)) : [];
  const course = days.length > 0 ? spendCourse(state, by, days) : new Map<string, number[]>();
  const longest = Math.max(NAME.least, ...rows.map(({ key }) => cells(oneLine(key))));
  const { kept, name } = chosen(Math.min(NAME.most, longest), days.length, columns);
  const draw = (row: SpendRow, look: 'plain' | 'strong'): Line => {
    const share = shareOf(row, total);
    const isTotal = look === 'strong';
    const parts = kept.flatMap(({ title, size, right }): Line => {
      const [text, shade] = cellOf(title, row, isTotal ? null : share, course.get(row.key) ?? []);
      if (title === 'SHARE' && !isTotal) {
        const full = fullSigns(share, size);
        return [span('  '), span('█'.repeat(full), 'busy'), span('░'.repeat(size - full), 'faint')];
      }
      return [
        span('  '),
        span(right ? padStart(text, size) : padEnd(text, size), isTotal && shade === 'plain' ? look : shade),
      ];
    });
    return fit([span(' '), span(padEnd(oneLine(row.key), name), look), ...parts], columns);
  };
  const heads = kept
    .map(({ title, size, right }) => `  ${right ? padStart(title, size) : padEnd(title, size)}`)
    .join('');
  return {
    heading: fit([span(` ${padEnd(by.toUpperCase(), name)}${heads}`, 'faint')], columns),
    length: rows.length,
    body: (from, to) => rows.slice(from, to).map((row) => draw(row, 'plain')),
    total: draw(total, 'strong'),
  };
}

/** Which columns there is room for; money stays to the last, and the name gives way before it. */
function chosen(
  name: number,
  days: number,
  columns: number,
): { readonly kept: readonly Column[]; readonly name: number } {
  const all: readonly Column[] = [
    { title: 'SHARE', size: columns >= 100 ? 20 : 10, rank: 4, right: false },
    { title: '', size: 5, rank: 2, right: true },
    { title: 'USD', size: 10, rank: 0, right: true },
    { title: 'FRESH', size: 6, rank: 1, right: true },
    { title: 'CACHED', size: 6, rank: 5, right: true },
    { title: 'COURSE', size: Math.max(6, days), rank: days > 0 ? 6 : 9, right: false },
    { title: 'KNOWN', size: 11, rank: 3, right: false },
  ];
  let kept = all.filter(({ rank }) => rank < 9);
  const used = () => 1 + name + kept.reduce((sum, { size }) => sum + size + GAP, 0);
  while (kept.length > 1 && used() > columns) {
    const last = Math.max(...kept.map(({ rank }) => rank));
    kept = kept.filter(({ rank }) => rank !== last);
  }
  return { kept, name: Math.max(1, Math.min(name, name + columns - used())) };
}

function cellOf(
  title: string,
  { spend, provenance }: SpendRow,
  share: number | null,
  course: readonly number[],
): readonly [string, 'plain' | 'warn' | 'faint' | 'busy'] {
  switch (title) {
    case '':
      return [share === null ? '' : `${Math.round(share * 100)} %`, 'plain'];
    case 'USD':
      return [usdWords(spend), spend.unpriced ? 'warn' : 'plain'];
    case 'FRESH':
      return [PROVENANCE_MARK[provenance] + formatTokens(fresh(spend.tokens)), 'plain'];
    case 'CACHED':
      return [formatTokens(spend.tokens.cacheRead), 'faint'];
    case 'COURSE':
      return [sparkline(course), 'busy'];
    case 'KNOWN':
      return [PROVENANCE_WORD[provenance], provenance === 'exact' ? 'faint' : 'warn'];
    default:
      return ['', 'plain'];
  }
}

/** Of the money; of the tokens where nothing has a price. */
function shareOf({ spend }: SpendRow, total: SpendRow): number {
  if (total.spend.usd > 0) return spend.usd / total.spend.usd;
  const all = fresh(total.spend.tokens);
  return all > 0 ? fresh(spend.tokens) / all : 0;
}
