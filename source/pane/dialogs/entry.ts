/** A text being written: what it says, where the cursor is, and what each key does to it. Pure; lines of it are wrapped when drawn. */

import { graphemes } from '../compositor/width.ts';
import { block } from '../present/clean.ts';
import { cells, type Line, type Span, span } from '../present/span.ts';
import type { Press } from '../press.ts';

export interface Entry {
  readonly text: string;
  /** Index into `text` before which the next character goes; always between two graphemes. */
  readonly at: number;
}

export const entry = (text = ''): Entry => ({ text, at: text.length });

/** Longest text an operator can enter here, in characters: the socket takes 20,000 bytes. */
const LONGEST = 4000;

/** The entry after a key; null when the key is none of its own. */
export function typed({ text, at }: Entry, press: Press): Entry | null {
  if ('paste' in press) return insert(text, at, block(press.paste));
  switch (press.key) {
    case 'space':
      return insert(text, at, ' ');
    case 'left':
    case 'ctrl-b':
      return { text, at: before(text, at) };
    case 'right':
    case 'ctrl-f':
      return { text, at: after(text, at) };
    case 'home':
    case 'ctrl-a':
      return { text, at: 0 };
    case 'end':
      return { text, at: text.length };
    case 'alt-left':
    case 'ctrl-left':
      return { text, at: wordBefore(text, at) };
    case 'alt-right':
    case 'ctrl-right':
      return { text, at: wordAfter(text, at) };
    case 'backspace':
      return { text: text.slice(0, before(text, at)) + text.slice(at), at: before(text, at) };
    case 'delete':
    case 'ctrl-d':
      return { text: text.slice(0, at) + text.slice(after(text, at)), at };
    case 'ctrl-w':
      return { text: text.slice(0, wordBefore(text, at)) + text.slice(at), at: wordBefore(text, at) };
    case 'ctrl-u':
      return { text: text.slice(at), at: 0 };
    case 'ctrl-k':
      return { text: text.slice(0, at), at };
    default:
      return isCharacter(press.key) ? insert(text, at, press.key) : null;
  }
}

/** One grapheme, not the name of a key. */
function isCharacter(key: string): boolean {
  const [first, second] = graphemes(key);
  return first !== undefined && second === undefined && !/^\p{Cc}/u.test(first);
}

function insert(text: string, at: number, more: string): Entry {
  const room = more.slice(0, Math.max(0, LONGEST - text.length));
  return { text: text.slice(0, at) + room + text.slice(at), at: at + room.length };
}

function before(text: string, at: number): number {
  let last = '';
  for (const each of graphemes(text.slice(0, at))) last = each;
  return at - last.length;
}

function after(text: string, at: number): number {
  const next = graphemes(text.slice(at)).next().value;
  return at + (next?.length ?? 0);
}

const wordBefore = (text: string, at: number) => text.slice(0, at).replace(/\S*\s*$/, '').length;
const wordAfter = (text: string, at: number) => at + (/^\s*\S*/.exec(text.slice(at))?.[0].length ?? 0);

/**
 * The entry as at most `most` rows of `room` cells, with the cursor's row among them. The cursor is a span of look `cursor`
 * (a space at the end of the text); `focused` false draws none.
 */
export function entryRows({ text, at }: Entry, room: number, most: number, focused: boolean): Line[] {
  const rows: { spans: Span[]; cursor: boolean }[] = [{ spans: [], cursor: false }];
  let used = 0;
  let index = 0;
  const put = (grapheme: string, isCursor: boolean) => {
    const wide = cells(grapheme);
    if (used + wide > room) {
      rows.push({ spans: [], cursor: false });
      used = 0;
    }
    const row = rows.at(-1);
    if (row === undefined) return;
    const last = row.spans.at(-1);
    if (!isCursor && last?.look === 'plain') row.spans[row.spans.length - 1] = span(last.text + grapheme);
    else row.spans.push(span(grapheme, isCursor ? 'cursor' : 'plain'));
    if (isCursor) row.cursor = true;
    used += wide;
  };
  for (const grapheme of graphemes(text)) {
    const isCursor = focused && index === at;
    if (grapheme === '\n') {
      if (isCursor) put(' ', true);
      rows.push({ spans: [], cursor: false });
      used = 0;
    } else put(grapheme, isCursor);
    index += grapheme.length;
  }
  if (focused && at >= text.length) put(' ', true);
  const cursorRow = Math.max(
    0,
    rows.findIndex((row) => row.cursor),
  );
  const from = Math.max(0, Math.min(cursorRow - Math.floor(most / 2), rows.length - most));
  return rows.slice(from, from + most).map((row) => row.spans);
}

/** The entry behind a sign that says: here you write. */
export function fieldRows(field: Entry, room: number, most: number, focused: boolean): Line[] {
  return entryRows(field, room - 2, most, focused).map((row, at) => [
    span(at === 0 ? '› ' : '  ', focused ? 'picked' : 'faint'),
    ...row,
  ]);
}
