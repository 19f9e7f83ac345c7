/** The palette as a frame: what is typed above, what it can become below. */
import type { Drawn } from '../dialogs/answer.ts';
import { windowOf } from '../dialogs/choice.ts';
import { entryRows } from '../dialogs/entry.ts';
import { oneLine } from '../present/clean.ts';
import { key } from '../present/run-words.ts';
import { cells, clipLine, EMPTY, type Line, line, padEnd, span } from '../present/span.ts';
import type { Situation } from '../view.ts';
import { offersFor } from './offers.ts';
import type { Palette } from './palette.ts';

/** Offers shown at once. */
const MOST = 12;
/** Cells of a name, so that the columns seldom move while one types. */
const NAME_LEAST = 16;

/** In `room` cells and at most `rows` rows, of which it always uses the same number, so that the frame stands still while one types. */
export function drawPalette(situation: Situation, palette: Palette, room: number, rows: number): Drawn {
  const offers = offersFor(situation, palette.entry.text);
  const height = Math.max(1, Math.min(MOST, rows - 2));
  const choice = Math.min(palette.choice, Math.max(0, offers.length - 1));
  const from = windowOf(choice, offers.length, height);
  const shown = offers.slice(from, from + height);
  const longest = Math.max(NAME_LEAST, ...shown.map(({ text }) => cells(oneLine(text))));
  const name = Math.min(longest, Math.floor(room / 2));
  const list = shown.map(({ text, keys, help, possible }, at): Line => {
    const current = from + at === choice;
    const can = possible === true;
    return clipLine(
      [
        span(current ? '▶ ' : '  ', 'picked'),
        span(padEnd(oneLine(text), name), can ? (current ? 'picked' : 'strong') : 'faint'),
        span(` ${padEnd(keys, 9)} `, can ? 'key' : 'faint'),
        span(can ? help : possible, 'faint'),
      ],
      room,
    );
  });
  const empty = list.length > 0 ? [] : [line('  Nothing here is called so.', 'faint')];
  const blank = Array.from({ length: Math.max(0, height - list.length - empty.length) }, () => EMPTY);
  return {
    title: 'Do',
    tone: 'picked',
    lines: [
      [span(': ', 'key'), ...(entryRows(palette.entry, room - 2, 1, true)[0] ?? EMPTY)],
      EMPTY,
      ...list,
      ...empty,
      ...blank,
    ],
    keys: [
      ...key('enter', 'do'),
      span('  '),
      ...key('tab', 'complete'),
      span('  '),
      ...key('↑', 'said before'),
      span('  '),
      ...key('esc', 'no'),
    ],
  };
}
