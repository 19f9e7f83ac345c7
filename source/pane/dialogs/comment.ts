/** A comment on one line of a diff. It stays here until the work is sent back; an empty one takes it away again. */
import type { Comment } from '../../loop/review/comments.ts';
import { reveal } from '../../loop/text.ts';
import { oneLine } from '../present/clean.ts';
import { key } from '../present/run-words.ts';
import { clipLine, EMPTY, line, span } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, stay } from './answer.ts';
import { type Entry, entry, fieldRows, typed } from './entry.ts';

export interface CommentDialog {
  readonly kind: 'comment';
  readonly about: Omit<Comment, 'text'>;
  readonly entry: Entry;
}

export const openComment = (about: CommentDialog['about'], text: string): CommentDialog => ({
  kind: 'comment',
  about,
  entry: entry(text),
});

export function stepComment(dialog: CommentDialog, press: Press): Answer<CommentDialog> {
  if ('key' in press) {
    if (press.key === 'esc') return close;
    if (press.key === 'ctrl-e') return { dialog, intents: [{ do: 'edit', text: dialog.entry.text }] };
    if (press.key === 'enter')
      return { dialog: null, intents: [], comment: { ...dialog.about, text: dialog.entry.text.trim() } };
  }
  const next = typed(dialog.entry, press);
  return stay(next === null ? dialog : { ...dialog, entry: next });
}

export function drawComment({ about, entry: text }: CommentDialog, room: number): Drawn {
  return {
    title: `${oneLine(about.path)}:${about.line}`,
    tone: 'picked',
    lines: [
      clipLine(
        [span(about.removed ? '- ' : '  ', 'removed'), span(reveal(about.quote.slice(0, 400).trim()), 'faint')],
        room,
      ),
      EMPTY,
      ...fieldRows(text, room, 5, true),
      EMPTY,
      line('Goes to the maker when you send the work back.', 'faint'),
    ],
    keys: [...key('enter', 'keep'), span('  '), ...key('ctrl-e', 'editor'), span('  '), ...key('esc', 'no')],
  };
}
