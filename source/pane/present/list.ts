/** Runs as rows of a table, for many runs or few columns: the newest action stays as long as anything but the numbers does. */
import type { RunState } from '../../loop/state.ts';
import { formatTokens } from '../../loop/units.ts';
import { gateDots } from './gates.ts';
import { bar, freshOf, timeWords, usdColumn } from './meter.ts';
import { type Glance, holdRows, mark, modelWords, nameWords, standing } from './run-words.ts';
import { fit, type Line, line, padEnd, padStart, type Span, span } from './span.ts';
import { traceRow } from './trace.ts';

/** Columns of the list; those with the highest `rank` leave first when it is narrow. The last takes what is left. */
const COLUMNS = [
  { name: 'loop', size: 17, rank: 0, right: false },
  { name: 'state', size: 14, rank: 1, right: false },
  { name: 'pass', size: 5, rank: 3, right: true },
  { name: 'model', size: 9, rank: 6, right: false },
  { name: 'tokens', size: 10, rank: 2, right: true },
  { name: 'usd', size: 8, rank: 4, right: true },
  { name: 'time', size: 6, rank: 7, right: true },
  { name: 'gates', size: 5, rank: 5, right: false },
] as const;

type Column = (typeof COLUMNS)[number]['name'];

const BAR = 10;
/** The newest action needs this many cells to be worth a column. */
const NOW_LEAST = 16;

/** Which columns a list of this width has, whether the meter has its bar, and how much is left for the newest action. */
export function listColumns(room: number): {
  readonly columns: readonly Column[];
  readonly bar: boolean;
  readonly now: number;
} {
  const left = 4;
  let kept = [...COLUMNS];
  const used = () => left + kept.reduce((sum, column) => sum + column.size + 2, 0);
  while (kept.length > 1 && used() > room) {
    const worst = Math.max(...kept.map(({ rank }) => rank));
    kept = kept.filter(({ rank }) => rank !== worst);
  }
  const spare = room - used();
  const withBar = spare >= BAR + 1 + NOW_LEAST;
  const now = spare - (withBar ? BAR + 1 : 0);
  return { columns: kept.map(({ name }) => name), bar: withBar, now: now >= NOW_LEAST ? now : 0 };
}

/** The heading over `listRow`. */
export function listHeading(room: number): Line {
  const { columns, bar: withBar, now } = listColumns(room);
  let text = '    ';
  for (const { name, size, right } of COLUMNS) {
    if (!columns.includes(name)) continue;
    const to = name === 'tokens' && withBar ? size + BAR + 1 : size;
    text += `${right && !(name === 'tokens' && withBar) ? padStart(name.toUpperCase(), to) : padEnd(name.toUpperCase(), to)}  `;
  }
  return fit(line(now > 0 ? `${text}NOW` : text, 'faint'), room);
}

/** One run as a row of the list. */
export function listRow(run: RunState, glance: Glance, room: number): Line {
  const { columns, bar: withBar, now } = listColumns(room);
  const { glyph, look, word } = standing(run);
  const used = freshOf(run);
  const cell: Readonly<Record<Column, () => Line>> = {
    loop: () => [span(padEnd(nameWords(run, 17), 17), glance.current ? 'picked' : 'strong')],
    state: () => [span(padEnd(word, 14), look)],
    pass: () => [span(padStart(`${run.pass}/${run.budget.passes}`, 5))],
    model: () => [span(padEnd(modelWords(run), 9), 'faint')],
    tokens: () => [
      ...(withBar ? [...bar(run.budget.tokens > 0 ? used / run.budget.tokens : 1, BAR), span(' ')] : []),
      span(padStart(`${formatTokens(used)}/${formatTokens(run.budget.tokens)}`, 10)),
    ],
    usd: () => [span(padStart(usdColumn(run.meter.total), 8))],
    time: () => [span(padStart(timeWords(run, glance.now), 6), 'faint')],
    gates: () => fit(gateDots(run), 5),
  };
  const row: Span[] = [span(`${mark(glance)} `, 'picked'), span(`${glyph} `, look)];
  for (const column of columns) row.push(...cell[column](), span('  '));
  if (now > 0) {
    const newest = run.trace.at(-1);
    row.push(...(holdRows(run, glance, now, 1)[0] ?? (newest === undefined ? [] : traceRow(newest, now))));
  }
  return fit(row, room);
}
