/** A tab of the Loop view whose text was fetched: a prompt, a diff, events, files. Wrapped once per width. */
import type { TextSlot } from '../texts/slot.ts';
import { type Line, type Look, line, span, wrap } from './span.ts';

export type TextTab = 'prompt' | 'diff' | 'events' | 'files';

const EMPTY_WORDS: Readonly<Record<TextTab, string>> = {
  prompt: 'No prompt was written for this pass yet.',
  diff: 'It has changed nothing.',
  events: 'The journal has no event of it: older ones are in the closed files beside it.',
  files: 'It has no files yet.',
};

const wrapped = new WeakMap<readonly string[], { readonly room: number; readonly rows: readonly Line[] }>();

/** All rows of the tab at `room` cells. */
export function textRows(slot: TextSlot | null, tab: TextTab, room: number): readonly Line[] {
  if (slot === null || (slot.is === 'loading' && slot.lines.length === 0)) return [line('Reading …', 'faint')];
  if (slot.is === 'failed') return slot.lines.flatMap((text) => wrap(text, room).map((row) => line(row, 'bad')));
  if (slot.lines.every((text) => text === '')) return [line(EMPTY_WORDS[tab], 'faint')];
  const known = wrapped.get(slot.lines);
  if (known?.room === room) return known.rows;
  const rows = slot.lines.flatMap((text) => rowsOf(text, tab, room));
  wrapped.set(slot.lines, { room, rows });
  return rows;
}

function rowsOf(text: string, tab: TextTab, room: number): Line[] {
  if (tab === 'events') return eventRows(text, room);
  const look = tab === 'diff' ? diffLook(text) : tab === 'prompt' && /^#+ /.test(text) ? 'strong' : 'plain';
  return wrap(text, room).map((row) => line(row, look));
}

/** What a line of a diff is, its sign says; the colour repeats it. */
function diffLook(text: string): Look {
  if (/^(diff |index |\+\+\+ |--- )/.test(text)) return 'strong';
  if (text.startsWith('@@')) return 'busy';
  if (text.startsWith('+')) return 'good';
  return text.startsWith('-') ? 'bad' : 'plain';
}

/** `14:03:07 usage {…}`: the time faint, the kind strong, what it holds hanging behind it. */
function eventRows(text: string, room: number): Line[] {
  const [, time = '', kind = '', rest = text] = /^(\d\d:\d\d:\d\d) (\S+) ?(.*)$/.exec(text) ?? [];
  if (time === '') return wrap(text, room).map((row) => line(row));
  const indent = ' '.repeat(9);
  const [first = '', ...more] = wrap(`${kind} ${rest}`.trimEnd(), Math.max(8, room - indent.length));
  return [
    [span(`${time} `, 'faint'), span(first.slice(0, kind.length), 'strong'), span(first.slice(kind.length))],
    ...more.map((row) => line(indent + row)),
  ];
}
