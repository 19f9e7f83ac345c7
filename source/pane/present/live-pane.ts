/** One run as a live pane: framed with its trace where there is room, as three lines where there is less. */
import type { RunState } from '../../loop/state.ts';
import { gateDots, gateHistory } from './gates.ts';
import { meterLine } from './meter.ts';
import { type Glance, holdRows, mark, modelWords, nameWords, passWords, standing } from './run-words.ts';
import { cells, clip, ends, fit, type Line, type Look, span } from './span.ts';
import { traceRow, traceTail } from './trace.ts';

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
  // What must fit beside it: the corners, the glyph, the mark of a choice, and a piece of line.
  const fixed = 10 + (glance.picked ? 2 : 0);
  const rights = [` ${passWords(run)} · ${modelWords(run)} `, ` ${passWords(run)} `, ' '];
  // Who it is and how it stands come before pass and model; in the end the glyph alone says how it stands.
  const tail = rights.find((right) => fixed + cells(nameWords(run)) + 1 + cells(word) + cells(right) <= room) ?? ' ';
  const name = clip(nameWords(run), Math.max(4, room - fixed - cells(tail)));
  const said = fixed + cells(name) + 1 + cells(word) + cells(tail) <= room ? ` ${word}` : '';
  const used = 2 + (glance.picked ? 2 : 0) + 2 + cells(name) + cells(said) + 1 + cells(tail) + 2;
  return [
    span(`${frame.corner[0]} `, look),
    ...(glance.picked ? [span('◉ ', 'picked')] : []),
    span(`${glyph} `, glyphLook),
    span(name, 'strong'),
    span(`${said} `, glyphLook),
    span(frame.flat.repeat(Math.max(0, room - used)), look),
    span(tail, 'faint'),
    span(frame.flat + frame.corner[1], look),
  ];
}

function bodyRows(run: RunState, glance: Glance, inner: number, rows: number): Line[] {
  const body: Line[] = [meterLine(run, glance.now, inner)];
  if (rows >= 3) body.push(gateHistory(run));
  body.push(...holdRows(run, glance, inner, rows >= 8 ? 3 : rows >= 5 ? 2 : 1).slice(0, rows - body.length));
  body.push(...traceTail(run.trace, rows - body.length, inner));
  while (body.length < rows) body.push([]);
  return body.slice(0, rows);
}

/** Title, meter and newest action, without a frame. */
export function compactRows(run: RunState, glance: Glance, room: number): Line[] {
  const { glyph, look, word } = standing(run);
  const title: Line = [
    span(`${mark(glance)} `, 'picked'),
    span(`${glyph} `, look),
    span(nameWords(run), 'strong'),
    span(` ${word}`, look),
  ];
  const newest = run.trace.at(-1);
  const inner = room - 4;
  const indent = span('    ');
  return [
    ends(title, [span(`${passWords(run)} · ${modelWords(run)}`, 'faint'), span('  '), ...gateDots(run)], room),
    [indent, ...fit(meterLine(run, glance.now, inner), inner)],
    [
      indent,
      ...fit(holdRows(run, glance, inner, 1)[0] ?? (newest === undefined ? [] : traceRow(newest, inner)), inner),
    ],
  ];
}
