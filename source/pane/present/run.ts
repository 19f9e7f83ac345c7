/** One run as rows of text, in three sizes: a live pane, three lines, a row of the list. */
import { attention } from '../../loop/attention.ts';
import type { RunState } from '../../loop/state.ts';
import { type StatusWord, statusWord } from '../../loop/status-word.ts';
import { sanitizeLine } from '../../loop/text.ts';
import { formatDuration, formatTokens } from '../../loop/units.ts';
import { gateDots, gateHistory } from './gates.ts';
import { STANDING } from './glyphs.ts';
import { bar, freshOf, meterLine, usdColumn, wallMs } from './meter.ts';
import { cells, clip, ends, fit, type Line, type Look, line, padEnd, padStart, type Span, span } from './span.ts';
import { traceRow, traceTail } from './trace.ts';

export interface Glance {
  readonly now: number;
  /** Under the cursor. */
  readonly current: boolean;
  /** In the selection of several. */
  readonly picked: boolean;
}

/** Glyph and word of a run; one that needs a person shows `◆` whatever else it is. */
export function standing(run: RunState): StatusWord & { readonly glyph: string; readonly look: Look } {
  const status = statusWord(run);
  const needs = attention(run)?.level === 'act';
  const shown = needs ? STANDING.need : STANDING[status.standing];
  return { ...status, glyph: shown.glyph, look: shown.look };
}

/** `pass 3/8`. */
export const passWords = (run: RunState): string => `pass ${run.pass}/${run.budget.passes}`;

/** `sonnet`, or `opus ▲1` once it has climbed a rung. */
export function modelWords(run: RunState): string {
  const model = sanitizeLine(run.model === '' ? run.maker.engine : run.model);
  return run.rung > 0 ? `${model} ▲${run.rung}` : model;
}

const FRAMES = {
  calm: { corner: ['╭', '╮', '╰', '╯'], flat: '─', side: '│' },
  current: { corner: ['┏', '┓', '┗', '┛'], flat: '━', side: '┃' },
} as const;

/** A live pane of exactly `height` rows of `room` cells; `height` is at least 4. */
export function paneRows(run: RunState, glance: Glance, room: number, height: number): Line[] {
  const frame = glance.current ? FRAMES.current : FRAMES.calm;
  const look: Look = glance.current ? 'picked' : 'faint';
  const inner = room - 4;
  const side = (content: Line): Line => [
    span(`${frame.side} `, look),
    ...fit(content, inner),
    span(` ${frame.side}`, look),
  ];
  const body = bodyRows(run, glance, inner, height - 2);
  return [
    titleRow(run, glance, room, frame, look),
    ...body.map(side),
    [span(frame.corner[2] + frame.flat.repeat(Math.max(0, room - 2)) + frame.corner[3], look)],
  ];
}

function titleRow(
  run: RunState,
  glance: Glance,
  room: number,
  frame: (typeof FRAMES)['calm' | 'current'],
  look: Look,
): Line {
  const { glyph, look: glyphLook, word } = standing(run);
  const right = ` ${passWords(run)} · ${modelWords(run)} `;
  const showsRight = room - cells(right) - 6 >= 16;
  const tail = showsRight ? right : ' ';
  const name = clip(`${run.id}`, Math.max(4, room - cells(tail) - 8));
  // The word goes before the name does: the glyph still says it.
  const left = room - cells(tail) - cells(name) - 8;
  const said = cells(word) + 1 <= left ? ` ${word}` : '';
  const used = 2 + (glance.picked ? 2 : 0) + 2 + cells(name) + cells(said) + 1 + cells(tail) + 2;
  return [
    span(`${frame.corner[0]} `, look),
    ...(glance.picked ? [span('✓ ', 'picked')] : []),
    span(`${glyph} `, glyphLook),
    span(name, 'strong'),
    span(`${said} `, glyphLook),
    span(frame.flat.repeat(Math.max(0, room - used)), look),
    span(tail, 'faint'),
    span(frame.flat + frame.corner[1], look),
  ];
}

function bodyRows(run: RunState, { now }: Glance, inner: number, rows: number): Line[] {
  const body: Line[] = [meterLine(run, now, inner)];
  if (rows >= 3) body.push(gateHistory(run));
  const held = holdRow(run, now, inner);
  if (held !== null && rows > body.length) body.push(held);
  body.push(...traceTail(run.trace, rows - body.length, inner));
  while (body.length < rows) body.push([]);
  return body.slice(0, rows);
}

/** Why a run stands still, since when, and the key that lets it go on; null when it does not. */
export function holdRow(run: RunState, now: number, room: number): Line | null {
  if (run.status.tag !== 'open' || run.status.hold === null) return null;
  const { hold } = run.status;
  const ago = `${formatDuration(Math.max(0, now - hold.since))} ago`;
  switch (hold.kind) {
    case 'frozen':
    case 'drained':
      return ends(line(`${hold.kind} by ${sanitizeLine(hold.by)} ${ago}`, 'held'), key('p', 'to resume'), room);
    case 'waiting':
    case 'paused': {
      const needs = attention(run);
      const words = needs === null ? hold.kind : sanitizeLine(needs.words);
      const first = needs?.keys[0];
      const right = first === undefined ? [] : key(first.key, first.label);
      return ends(line(words, needs?.level === 'act' ? 'need' : 'held'), right, room);
    }
  }
}

/** A key and what it does, as everywhere: key bold, word faint. */
export const key = (name: string, label: string): Span[] => [span(name, 'key'), span(` ${label}`, 'faint')];

/** Title, meter and newest action, without a frame. */
export function compactRows(run: RunState, glance: Glance, room: number): Line[] {
  const { glyph, look, word } = standing(run);
  const mark = glance.current ? '▶' : glance.picked ? '✓' : ' ';
  const title: Line = [
    span(`${mark} `, 'picked'),
    span(`${glyph} `, look),
    span(run.id, 'strong'),
    span(` ${word}`, look),
  ];
  const newest = run.trace.at(-1);
  const inner = room - 4;
  const indent = span('    ');
  return [
    ends(title, [span(`${passWords(run)} · ${modelWords(run)}`, 'faint'), span('  '), ...gateDots(run)], room),
    [indent, ...fit(meterLine(run, glance.now, inner), inner)],
    [indent, ...fit(holdRow(run, glance.now, inner) ?? (newest === undefined ? [] : traceRow(newest, inner)), inner)],
  ];
}

/** Columns of the list; those with the highest `rank` leave first when it is narrow. The last takes what is left. */
const COLUMNS = [
  { name: 'LOOP', size: 17, rank: 0, right: false },
  { name: 'STATE', size: 11, rank: 1, right: false },
  { name: 'PASS', size: 5, rank: 3, right: true },
  { name: 'MODEL', size: 9, rank: 6, right: false },
  { name: 'TOKENS', size: 10, rank: 2, right: true },
  { name: 'USD', size: 7, rank: 4, right: true },
  { name: 'TIME', size: 6, rank: 7, right: true },
  { name: 'GATES', size: 5, rank: 5, right: false },
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
    const to = name === 'TOKENS' && withBar ? size + BAR + 1 : size;
    text += `${right && !(name === 'TOKENS' && withBar) ? padStart(name, to) : padEnd(name, to)}  `;
  }
  return fit(line(now > 0 ? `${text}NOW` : text, 'faint'), room);
}

/** One run as a row of the list. */
export function listRow(run: RunState, glance: Glance, room: number): Line {
  const { columns, bar: withBar, now } = listColumns(room);
  const { glyph, look, word } = standing(run);
  const used = freshOf(run);
  const cell: Readonly<Record<Column, () => Line>> = {
    LOOP: () => [span(padEnd(run.id, 17), glance.current ? 'picked' : 'strong')],
    STATE: () => [span(padEnd(word, 11), look)],
    PASS: () => [span(padStart(`${run.pass}/${run.budget.passes}`, 5))],
    MODEL: () => [span(padEnd(modelWords(run), 9), 'faint')],
    TOKENS: () => [
      ...(withBar ? [...bar(run.budget.tokens > 0 ? used / run.budget.tokens : 1, BAR), span(' ')] : []),
      span(padStart(`${formatTokens(used)}/${formatTokens(run.budget.tokens)}`, 10)),
    ],
    USD: () => [span(padStart(usdColumn(run.meter.total), 7))],
    TIME: () => [span(padStart(formatDuration(wallMs(run, glance.now)), 6), 'faint')],
    GATES: () => fit(gateDots(run), 5),
  };
  const mark = glance.current ? '▶' : glance.picked ? '✓' : ' ';
  const row: Span[] = [span(`${mark} `, 'picked'), span(`${glyph} `, look)];
  for (const column of columns) row.push(...cell[column](), span('  '));
  if (now > 0) {
    const newest = run.trace.at(-1);
    row.push(...(holdRow(run, glance.now, now) ?? (newest === undefined ? [] : traceRow(newest, now))));
  }
  return fit(row, room);
}
