/** The small steps that the folds of runs, agents and gates are made of. */
import type { AgentState, EndCause, Hold, RunState, TraceLine } from '../state.ts';

/** Lines of trace kept per run; the whole is in the agents' `out` files. */
const TRACE_KEPT = 400;

export const inPhase = (run: RunState, phase: Extract<RunState['status'], { tag: 'open' }>['phase']): RunState =>
  run.status.tag === 'open' ? { ...run, status: { ...run.status, phase } } : run;

export const held = (run: RunState, hold: Hold | null): RunState =>
  run.status.tag === 'open' ? { ...run, status: { ...run.status, hold } } : run;

export const withoutAgent = (run: RunState): RunState => ({ ...run, agent: null });

/** Ends the run. One that is being killed ends by the confirmation of its death and by nothing else. */
export function ended(
  run: RunState,
  end: Extract<RunState['status'], { tag: 'ended' }>['end'],
  at: number,
  words = '',
): RunState {
  if (run.kill && end.kind !== 'killed') return run;
  const closed: RunState = { ...run, kill: null, status: { tag: 'ended', end, at } };
  return words === '' ? closed : traced(closed, at, 'system', words);
}

/** The next pass: fresh context, gates to be run anew. */
export function beginPass(run: RunState, at: number): RunState {
  const n = run.pass + 1;
  return {
    ...run,
    pass: n,
    agents: 0,
    agent: null,
    retry: null,
    next: takenOver(run) ? { how: 'hand-over', because: 'escalate' } : { how: 'fresh' },
    passes: [
      ...run.passes,
      {
        n,
        rung: run.rung,
        engine: run.maker.engine,
        model: run.model,
        startedAt: at,
        endedAt: null,
        gates: [],
        why: '',
        spentBefore: run.meter.total,
        tree: null,
        falseDone: false,
      },
    ],
  };
}

/** The next pass has another maker than the last one had. */
function takenOver({ passes, maker, model }: RunState): boolean {
  const last = passes.at(-1);
  return last !== undefined && (last.engine !== maker.engine || last.model !== model);
}

export const traced = (run: RunState, at: number, kind: TraceLine['kind'], text: string): RunState => ({
  ...run,
  trace: [...run.trace.slice(1 - TRACE_KEPT), { at, pass: run.pass, kind, text }],
});

export const wish = (run: RunState, to: AgentState['wish']): RunState =>
  run.agent === null || run.agent.fact.is === 'dead' ? run : { ...run, agent: { ...run.agent, wish: to } };

/** Asks for the end of the agent process; a hard end is never softened again, and a kill stays a kill. */
export function wishEnd(run: RunState, cause: EndCause, polite: boolean): RunState {
  const now = run.agent?.wish;
  if (now?.to !== 'end') return wish(run, { to: 'end', cause, polite });
  if (now.cause === 'kill') return run;
  return wish(run, { to: 'end', cause: cause === 'escalate' ? now.cause : cause, polite: polite && now.polite });
}

export function withNote(run: RunState, id: string, text: string, by: string, at: number): RunState {
  if (run.notes.some((note) => note.id === id)) return run;
  return traced(
    { ...run, notes: [...run.notes, { id, text, by, at, state: 'waiting' }] },
    at,
    'note',
    `${by}: ${text}`,
  );
}
