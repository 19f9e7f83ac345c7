/** Words for a running pass, or the answer to what an agent asked. */
import { agentIsAlive } from '../../loop/run-status.ts';
import type { RunState } from '../../loop/state.ts';
import { block } from '../present/clean.ts';
import { key } from '../present/run-words.ts';
import { EMPTY, line, span, wrap } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, refuse, send, stay } from './answer.ts';
import { type Entry, entry, fieldRows, typed } from './entry.ts';

export interface NoteDialog {
  readonly kind: 'note';
  readonly runs: readonly string[];
  /** What the agent asked; null when the operator speaks first. */
  readonly question: string | null;
  /** It goes into the running pass; else into the next prompt. */
  readonly live: boolean;
  /** The work is green, and the note is why it is not good enough: the next pass begins with it. */
  readonly back: boolean;
  readonly entry: Entry;
}

export function openNote(runs: readonly RunState[]): NoteDialog {
  const [first] = runs;
  const hold = runs.length === 1 && first?.status.tag === 'open' ? first.status.hold : null;
  return {
    kind: 'note',
    runs: runs.map(({ id }) => id),
    question: hold?.kind === 'waiting' ? hold.question : null,
    live: runs.every((run) => agentIsAlive(run) && run.agent?.guidance === true),
    back: false,
    entry: entry(),
  };
}

export const openSendBack = (runs: readonly RunState[]): NoteDialog => ({ ...openNote(runs), live: false, back: true });

export function stepNote(dialog: NoteDialog, press: Press): Answer<NoteDialog> {
  if ('key' in press) {
    if (press.key === 'esc') return close;
    if (press.key === 'ctrl-e') return { dialog, intents: [{ do: 'edit', text: dialog.entry.text }] };
    if (press.key === 'enter') {
      const text = dialog.entry.text.trim();
      if (text === '') return refuse(dialog, 'There is nothing to say yet: type the note, or Esc.');
      return send(
        ...dialog.runs.map((run) =>
          dialog.back ? ({ do: 'send-back', run, note: text } as const) : ({ do: 'note', run, text } as const),
        ),
      );
    }
  }
  const next = typed(dialog.entry, press);
  return stay(next === null ? dialog : { ...dialog, entry: next });
}

export function drawNote(dialog: NoteDialog, room: number): Drawn {
  const who = dialog.runs.length === 1 ? (dialog.runs[0] ?? '') : `${dialog.runs.length} runs`;
  const asked = dialog.question === null ? [] : wrap(block(dialog.question), room).slice(0, 6);
  return {
    title: dialog.back ? `Send ${who} back` : dialog.question === null ? `Note to ${who}` : `${who} asks`,
    tone: 'picked',
    lines: [
      ...asked.map((row) => line(row, 'strong')),
      ...(asked.length > 0 ? [EMPTY] : []),
      ...fieldRows(dialog.entry, room, 5, true),
      EMPTY,
      line(whither(dialog), 'faint'),
    ],
    keys: [...key('enter', 'send'), span('  '), ...key('ctrl-e', 'editor'), span('  '), ...key('esc', 'no')],
  };
}

function whither({ question, live, back }: NoteDialog): string {
  if (back) return 'Say what is to be changed: the next pass begins with it.';
  if (question !== null) return 'Your answer lets it go on.';
  return live ? 'Goes into the running pass.' : 'Goes into the next prompt.';
}
