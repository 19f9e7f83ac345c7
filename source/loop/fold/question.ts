/** What notes and questions make of a run: a note that is given or delivered, a question that is asked or withdrawn, and its answer. */
import type { AgentEvent } from '../agent-event.ts';
import type { RunEvent } from '../event.ts';
import { isByTool } from '../question.ts';
import { agentIsAlive } from '../run-status.ts';
import type { Note, RunState } from '../state.ts';
import { held, traced, withNote } from './steps.ts';
import { instructed } from './stuck.ts';

type Asked = Extract<AgentEvent, { type: 'asked' }>;
type Of<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

const holdOf = (run: RunState) => (run.status.tag === 'open' ? run.status.hold : null);

export function withNoteGiven(run: RunState, event: Of<'note-given'>, at: number): RunState {
  const hold = holdOf(run);
  const noted = withNote(run, event.note, event.text, event.by, at);
  // What the supervisor says of its own is no answer of the operator's.
  if (noted === run || hold?.kind !== 'waiting' || event.by === 'looptop') return noted;
  // A question that came through a tool gets its answer through it, and the agent hears it at once.
  const heard = isByTool(hold) ? ({ state: 'heard' } as const) : {};
  const notes = noted.notes.map(
    (note): Note => (note.id === event.note ? { ...note, ...heard, answers: hold.ask } : note),
  );
  return isByTool(hold) ? held({ ...noted, notes }, null) : { ...noted, notes };
}

export function withNoteWritten(run: RunState, { note: id }: Of<'note-written'>): RunState {
  const found = run.notes.find((note) => note.id === id);
  const written = {
    ...instructed(run, found?.by ?? ''),
    notes: run.notes.map(
      (note): Note => (note.id === id && note.state === 'waiting' ? { ...note, state: 'written' } : note),
    ),
  };
  // By now the agent may have asked the next thing, which this does not answer.
  return found?.answers === undefined ? written : withoutAsk(written, found.answers);
}

export function withQuestion(run: RunState, { ask, question, options }: Of<'question-asked'>, at: number): RunState {
  if (holdOf(run) !== null || !agentIsAlive(run)) return run;
  return held(traced(run, at, 'asked', question), {
    kind: 'waiting',
    ask,
    question,
    ...(options !== undefined && { options }),
    since: at,
  });
}

/** Questions of one process that wait at once: tools that run side by side ask side by side. */
const ASKS_KEPT = 20;

/** The agent asks. It is shown when nothing else is asked or holds the run: see `shown`. */
export function withAsked(run: RunState, { id, question, options }: Asked, at: number): RunState {
  const said = traced(run, at, 'asked', question);
  const { agent } = run;
  const asks = agent?.asks ?? [];
  if (agent === null || asks.length >= ASKS_KEPT || asks.some(({ ask }) => ask === id)) return said;
  const offers = options === undefined || options.length === 0 ? {} : { options };
  return { ...said, agent: { ...agent, asks: [...asks, { ask: id, question, ...offers, since: at }] } };
}

/** The question has its answer, or none is wanted any more. */
export function withoutAsk(run: RunState, id: string): RunState {
  const { agent } = run;
  const hold = holdOf(run);
  const asks = (agent?.asks ?? []).filter(({ ask }) => ask !== id);
  const told =
    agent?.asks === undefined || asks.length === agent.asks.length ? run : { ...run, agent: { ...agent, asks } };
  return hold?.kind === 'waiting' && hold.ask === id ? held(told, null) : told;
}

/** A run whose agent waits for an answer waits too, once nothing else holds it: also after a freeze, and after the question before. */
export function shown(run: RunState): RunState {
  const [ask] = run.agent?.asks ?? [];
  const isFree = run.status.tag === 'open' && run.status.hold === null && run.kill === null;
  return ask === undefined || !isFree || !agentIsAlive(run) || run.agent?.wish.to !== 'run'
    ? run
    : held(run, { kind: 'waiting', ...ask });
}

export function withoutQuestion(run: RunState, { ask, because }: Of<'question-closed'>, at: number): RunState {
  const hold = holdOf(run);
  return hold?.kind === 'waiting' && hold.ask === ask
    ? traced(held(run, null), at, 'system', `the question is withdrawn: ${because}`)
    : run;
}
