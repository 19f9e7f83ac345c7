/** Words for a running pass, or the answer to what an agent asked. */
import { type Choice, choicesOf } from '../../loop/question.ts';
import { agentIsAlive } from '../../loop/run-status.ts';
import type { RunState } from '../../loop/state.ts';
import { block } from '../present/clean.ts';
import { key } from '../present/run-words.ts';
import { clipLine, EMPTY, type Line, line, span, wrap } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, refuse, send, stay } from './answer.ts';
import { type Entry, entry, fieldRows, typed } from './entry.ts';

export interface NoteDialog {
  readonly kind: 'note';
  readonly runs: readonly string[];
  /** What the agent asked; null when the operator speaks first. */
  readonly question: string | null;
  /** The id of that question. */
  readonly ask: string | null;
  /** It goes into the running pass; else into the next prompt. */
  readonly live: boolean;
  /** What one digit answers, as long as nothing is written: in a question of permission a digit is what every agent's own prompt takes. */
  readonly choices: readonly Choice[];
  /** The choice that enter takes while nothing is written; null before an arrow was pressed. */
  readonly marked: number | null;
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
    ask: hold?.kind === 'waiting' ? hold.ask : null,
    live: runs.every((run) => agentIsAlive(run) && run.agent?.guidance === true),
    choices: choicesOf(hold),
    marked: null,
    back: false,
    entry: entry(),
  };
}

export const openSendBack = (runs: readonly RunState[]): NoteDialog => ({ ...openNote(runs), live: false, back: true });

export function stepNote(dialog: NoteDialog, press: Press): Answer<NoteDialog> {
  if ('key' in press) {
    if (press.key === 'esc') return close;
    if (press.key === 'ctrl-e') return { dialog, intents: [{ do: 'edit', text: dialog.entry.text }] };
    const isBlank = dialog.entry.text === '';
    const chosen = isBlank ? dialog.choices[Number(press.key) - 1] : undefined;
    if (chosen !== undefined) return say(dialog, chosen.answer);
    const { length } = dialog.choices;
    if (isBlank && length > 0 && (press.key === 'up' || press.key === 'down')) {
      const next = dialog.marked === null ? (press.key === 'down' ? 0 : length - 1) : moved(dialog.marked, press.key);
      return stay({ ...dialog, marked: (next + length) % length });
    }
    if (press.key === 'enter') {
      const marked = isBlank && dialog.marked !== null ? dialog.choices[dialog.marked] : undefined;
      const text = marked?.answer ?? dialog.entry.text.trim();
      if (text === '') return refuse(dialog, 'There is nothing to say yet: type the note, or Esc.');
      return say(dialog, text);
    }
  }
  const next = typed(dialog.entry, press);
  return stay(next === null ? dialog : { ...dialog, entry: next });
}

const moved = (marked: number, key: 'up' | 'down') => marked + (key === 'down' ? 1 : -1);

const say = ({ runs, ask, back }: NoteDialog, text: string) =>
  send(
    ...runs.map((run) =>
      back
        ? ({ do: 'send-back', run, note: text } as const)
        : ({ do: 'note', run, text, ...(ask !== null && { ask }) } as const),
    ),
  );

export function drawNote(dialog: NoteDialog, room: number): Drawn {
  const who = dialog.runs.length === 1 ? (dialog.runs[0] ?? '') : `${dialog.runs.length} runs`;
  const asked = dialog.question === null ? [] : wrap(block(dialog.question), room).slice(0, 6);
  return {
    title: dialog.back ? `Send ${who} back` : dialog.question === null ? `Note to ${who}` : `${who} asks`,
    tone: 'picked',
    lines: [
      ...asked.map((row) => line(row, 'strong')),
      ...(asked.length > 0 ? [EMPTY] : []),
      ...choiceRows(dialog, room),
      ...fieldRows(dialog.entry, room, 5, true),
      EMPTY,
      line(whither(dialog), 'faint'),
    ],
    keys: [
      ...(dialog.choices.length > 0 ? [...key(`1-${dialog.choices.length}`, 'answer'), span('  ')] : []),
      ...key('enter', 'send'),
      span('  '),
      ...key('ctrl-e', 'editor'),
      span('  '),
      ...key('esc', 'no'),
    ],
  };
}

/** The answers by their digits; faint once something else is written. */
function choiceRows({ choices, marked, entry: { text } }: NoteDialog, room: number): Line[] {
  if (choices.length === 0) return [];
  const rows = choices.map(({ label }, at) => {
    const isMarked = at === marked && text === '';
    const digit: Line = [span(isMarked ? '▶ ' : '  ', 'picked'), span(`${at + 1}  `, text === '' ? 'key' : 'faint')];
    return clipLine([...digit, span(label, text === '' ? (isMarked ? 'strong' : 'plain') : 'faint')], room);
  });
  return [...rows, EMPTY];
}

function whither({ question, choices, live, back }: NoteDialog): string {
  if (back) return 'Say what is to be changed: the next pass begins with it.';
  if (choices.length > 0)
    return 'A digit answers at once; or write your own answer (one that begins with a digit: a space first).';
  if (question !== null) return 'Your answer lets it go on.';
  return live ? 'Goes into the running pass.' : 'Goes into the next prompt.';
}
