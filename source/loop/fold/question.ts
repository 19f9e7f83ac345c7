/** What notes and questions make of a run: a note that is given or delivered, a question that is asked or withdrawn, and its answer. */
import type { RunEvent } from '../event.ts';
import { isByTool } from '../question.ts';
import { agentIsAlive } from '../run-status.ts';
import type { Hold, Note, RunState } from '../state.ts';
import { answered, held, traced, withNote } from './steps.ts';
import { instructed } from './stuck.ts';

type Of<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

const holdOf = (run: RunState) => (run.status.tag === 'open' ? run.status.hold : null);

export function withNoteGiven(run: RunState, event: Of<'note-given'>, at: number): RunState {
  const hold = holdOf(run);
  // What the supervisor says of its own is no answer of the operator's.
  return isByTool(hold) && event.by !== 'looptop'
    ? withAnswer(run, event, hold.ask, at)
    : withNote(run, event.note, event.text, event.by, at);
}

export function withNoteWritten(run: RunState, { note: id }: Of<'note-written'>): RunState {
  const written = {
    ...instructed(run, run.notes.find((note) => note.id === id)?.by ?? ''),
    notes: run.notes.map(
      (note): Note => (note.id === id && note.state === 'waiting' ? { ...note, state: 'written' } : note),
    ),
  };
  return isByTool(holdOf(run)) ? written : answered(written);
}

export function withQuestion(run: RunState, { ask, question, options }: Of<'question-asked'>, at: number): RunState {
  if (holdOf(run) !== null || !agentIsAlive(run)) return run;
  return held(traced(run, at, 'asked', question), asking(ask, question, options, at));
}

/** The hold of a run whose agent asks. */
export const asking = (
  ask: string,
  question: string,
  options: readonly string[] | undefined,
  since: number,
): Extract<Hold, { kind: 'waiting' }> => ({
  kind: 'waiting',
  ask,
  question,
  ...(options === undefined || options.length === 0 ? {} : { options }),
  since,
});

export function withoutQuestion(run: RunState, { ask, because }: Of<'question-closed'>, at: number): RunState {
  const hold = holdOf(run);
  return hold?.kind === 'waiting' && hold.ask === ask
    ? traced(held(run, null), at, 'system', `the question is withdrawn: ${because}`)
    : run;
}

/** A note that answers a question which came through a tool: it goes back through it, and is heard at once. */
function withAnswer(run: RunState, { note: id, text, by }: Of<'note-given'>, ask: string, at: number): RunState {
  const noted = withNote(run, id, text, by, at);
  if (noted === run) return run;
  const notes = noted.notes.map((note): Note => (note.id === id ? { ...note, state: 'heard', answers: ask } : note));
  return held({ ...noted, notes }, null);
}
