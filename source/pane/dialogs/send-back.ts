/** Sends green work back to its maker: the comments on its lines, and what there is to say of all of it. */
import { type Comment, noteOf } from '../../loop/review/comments.ts';
import { oneLine } from '../present/clean.ts';
import { key } from '../present/run-words.ts';
import { clipLine, EMPTY, line, span } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, refuse, send, stay } from './answer.ts';
import { type Entry, entry, fieldRows, typed } from './entry.ts';

export interface SendBackDialog {
  readonly kind: 'send-back';
  readonly run: string;
  readonly comments: readonly Comment[];
  readonly entry: Entry;
}

export const openSendBack = (run: string, comments: readonly Comment[]): SendBackDialog => ({
  kind: 'send-back',
  run,
  comments,
  entry: entry(),
});

export function stepSendBack(dialog: SendBackDialog, press: Press): Answer<SendBackDialog> {
  if ('key' in press) {
    if (press.key === 'esc') return close;
    if (press.key === 'ctrl-e') return { dialog, intents: [{ do: 'edit', text: dialog.entry.text }] };
    if (press.key === 'enter') {
      const note = noteOf(dialog.comments, dialog.entry.text);
      if (note === '') return refuse(dialog, 'Say what is to be changed, or comment on lines first: c.');
      if (note.length > LONGEST_NOTE) return refuse(dialog, 'That is more than a prompt can take: shorten it.');
      return send({ do: 'send-back', run: dialog.run, note });
    }
  }
  const next = typed(dialog.entry, press);
  return stay(next === null ? dialog : { ...dialog, entry: next });
}

/** What the protocol takes, in UTF-16 units. */
const LONGEST_NOTE = 20_000;

/** Comments that are listed; the rest is counted. */
const LISTED = 5;

export function drawSendBack({ run, comments, entry: text }: SendBackDialog, room: number): Drawn {
  const more = comments.length - LISTED;
  return {
    title: `Send ${run} back`,
    tone: 'picked',
    lines: [
      ...comments
        .slice(0, LISTED)
        .map(({ path, line: number, text: words }) =>
          clipLine([span(`${oneLine(path)}:${number}  `, 'faint'), span(oneLine(words))], room),
        ),
      ...(more > 0 ? [line(`and ${more} more`, 'faint')] : []),
      ...(comments.length > 0 ? [EMPTY] : []),
      ...fieldRows(text, room, 5, true),
      EMPTY,
      line('All of it is the note that its next pass begins with.', 'faint'),
    ],
    keys: [...key('enter', 'send back'), span('  '), ...key('ctrl-e', 'editor'), span('  '), ...key('esc', 'no')],
  };
}
