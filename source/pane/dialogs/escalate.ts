/** Hands a run to a stronger model: a rung of its ladder or any model by name, with a note if there is something to say. */
import type { Command } from '../../loop/command.ts';
import { choices } from '../../loop/ladder.ts';
import type { RunState } from '../../loop/state.ts';
import { oneLine } from '../present/clean.ts';
import { key, modelWords } from '../present/run-words.ts';
import { EMPTY, type Line, line, span, wrap } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, refuse, send, stay } from './answer.ts';
import { moveChoice } from './choice.ts';
import { type Entry, entry, entryRows, fieldRows, typed } from './entry.ts';

export interface Step {
  /** What the command's `to` says; null leaves it to the ladder. */
  readonly to: string | null;
  readonly label: string;
}

export interface EscalateDialog {
  readonly kind: 'escalate';
  readonly runs: readonly string[];
  readonly steps: readonly Step[];
  /** Index into `steps`; one past their end is the model typed by hand. */
  readonly choice: number;
  readonly model: Entry;
  readonly entry: Entry;
  readonly focus: 'choice' | 'note';
}

export function openEscalate(runs: readonly RunState[]): EscalateDialog {
  const [first] = runs;
  // Runs of different ladders share only "the next rung".
  const steps =
    runs.length === 1 && first !== undefined ? ladder(first) : [{ to: null, label: 'the next rung of each' }];
  return {
    kind: 'escalate',
    runs: runs.map(({ id }) => id),
    steps,
    choice: 0,
    model: entry(),
    entry: entry(),
    focus: 'choice',
  };
}

/** The rungs above, and the stronger tiers that no rung names. */
function ladder(run: RunState): Step[] {
  const all = choices(run);
  return all.map((choice) => {
    // A number means the first choice on that rung, so the others are named by their model.
    const isRung = all.find(({ rung }) => rung === choice.rung) === choice;
    return { to: isRung ? String(choice.rung) : choice.maker.model, label: oneLine(choice.label) };
  });
}

export function stepEscalate(dialog: EscalateDialog, press: Press): Answer<EscalateDialog> {
  const byHand = dialog.choice >= dialog.steps.length;
  if ('key' in press) {
    switch (press.key) {
      case 'esc':
        return close;
      case 'tab':
      case 'shift-tab':
        return stay({ ...dialog, focus: dialog.focus === 'choice' ? 'note' : 'choice' });
      case 'ctrl-e':
        return { dialog: { ...dialog, focus: 'note' }, intents: [{ do: 'edit', text: dialog.entry.text }] };
      case 'enter':
        return submit(dialog, byHand);
      case 'up':
      case 'down':
        return stay({
          ...dialog,
          focus: 'choice',
          choice: moveChoice(dialog.choice, press.key, dialog.steps.length + 1),
        });
    }
  }
  if (dialog.focus === 'note') {
    const next = typed(dialog.entry, press);
    return stay(next === null ? dialog : { ...dialog, entry: next });
  }
  if (byHand) {
    const next = typed(dialog.model, press);
    return stay(next === null ? dialog : { ...dialog, model: next });
  }
  if (!('key' in press)) return stay(dialog);
  return stay({ ...dialog, choice: moveChoice(dialog.choice, press.key, dialog.steps.length + 1) });
}

function submit(dialog: EscalateDialog, byHand: boolean): Answer<EscalateDialog> {
  const model = dialog.model.text.trim();
  if (byHand && model === '') return refuse(dialog, 'Type the model, or pick a rung with the arrows.');
  const to = byHand ? model : (dialog.steps[dialog.choice]?.to ?? null);
  const note = dialog.entry.text.trim();
  return send(
    ...dialog.runs.map(
      (run): Command => ({
        do: 'escalate',
        run,
        ...(to === null ? {} : { to }),
        ...(note === '' ? {} : { note }),
      }),
    ),
  );
}

export function drawEscalate(dialog: EscalateDialog, runs: readonly RunState[], room: number): Drawn {
  const [first] = runs;
  const one = runs.length === 1 && first !== undefined;
  const choosing = dialog.focus === 'choice';
  const row = (at: number, content: Line): Line => [
    span(at === dialog.choice ? '▶ ' : '  ', choosing ? 'picked' : 'faint'),
    ...content,
  ];
  const last = dialog.steps.length;
  const byHand = dialog.choice === last;
  const model = entryRows(dialog.model, room - 18, 1, byHand && choosing)[0] ?? EMPTY;
  const lines: Line[] = [
    ...(one ? [line(`Now: ${oneLine(first.maker.engine)} ${modelWords(first)}`, 'faint'), EMPTY] : []),
    ...dialog.steps.map((step, at) => row(at, line(step.label, at === dialog.choice ? 'strong' : 'plain'))),
    row(last, [span('another model: ', byHand ? 'strong' : 'plain'), ...model]),
    EMPTY,
    line('With a note (tab):', dialog.focus === 'note' ? 'strong' : 'faint'),
    ...fieldRows(dialog.entry, room, 3, dialog.focus === 'note'),
    EMPTY,
    ...wrap('Handed over: goal, rules, progress, the last red gate. The pass under way ends.', room).map((each) =>
      line(each, 'faint'),
    ),
  ];
  return {
    title: one ? `Escalate ${first.id}` : `Escalate ${runs.length} runs`,
    tone: 'picked',
    lines,
    keys: [...key('enter', 'escalate'), span('  '), ...key('tab', 'note'), span('  '), ...key('esc', 'no')],
  };
}
