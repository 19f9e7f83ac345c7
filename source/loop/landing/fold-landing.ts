/** What an event of its landing makes of a run. Only the last gate on the merged tree lets it move; only the move ends it. */
import type { RunEvent } from '../event.ts';
import { pendingResult } from '../fold/result.ts';
import { beginPass, held, inPhase, traced, withNote } from '../fold/steps.ts';
import type { GateResult, Landing, LandingStep, RunState } from '../state.ts';
import type { LandingEvent } from './event.ts';
import { landingGates, nextLandingGate, redOf } from './gates.ts';
import { obstacleNote, obstacleWords } from './note.ts';
import { howWords } from './words.ts';

type Event = Extract<RunEvent, { type: LandingEvent['type'] }>;

export function foldLanding(run: RunState, event: Event, at: number): RunState {
  if (run.status.tag !== 'open' || run.status.phase !== 'review' || run.kill !== null) return run;
  const { landing } = run;
  switch (event.type) {
    case 'pushed': {
      const { commit, to, failed } = event;
      const words = failed === '' ? `pushed to ${to}` : `could not be pushed: ${failed}`;
      const there = failed === '' ? commit : (run.pushed?.there ?? null);
      return traced({ ...run, pushed: { commit, there, to, failed } }, at, 'system', words);
    }
    case 'land-asked': {
      if (landing !== null) return run;
      const { how, target, push, by } = event;
      const asked: Landing = { how, target, push, by, askedAt: at, place: 1, step: { is: 'merging' } };
      return traced({ ...run, landing: asked, unlanded: null }, at, 'system', `${by} lands it: ${howWords(asked)}`);
    }
    case 'sent-back':
      if (landing !== null) return run;
      return anotherPass(withNote(run, event.note, event.text, event.by, at), `sent back by ${event.by}`, at);
    case 'land-refused': {
      const refused = { ...run, landing: null, unlanded: { why: event.why, at } };
      return traced(refused, at, 'system', `does not land: ${event.why}`);
    }
    default:
      return landing === null ? run : landed(run, landing, event, at);
  }
}

type Underway = Exclude<Event, { type: 'pushed' | 'land-asked' | 'land-refused' | 'sent-back' }>;

function landed(run: RunState, landing: Landing, event: Underway, at: number): RunState {
  const { step } = landing;
  const to = (next: LandingStep): RunState => ({ ...run, landing: { ...landing, step: next } });
  switch (event.type) {
    case 'land-withdrawn':
      if (step.is === 'moving') return run;
      return traced({ ...run, landing: null }, at, 'system', `${event.by} does not want it landed any more`);
    case 'land-merged': {
      if (step.is !== 'merging') return run;
      const { onto, commit, files, added, removed } = event;
      const merged = { onto, commit, files, added, removed };
      const gates = landingGates(run.definition).map(({ id }) => pendingResult(id));
      const words = `together with ${landing.target} (${onto.slice(0, 8)}): ${files} files, +${added} -${removed}`;
      return traced(to({ is: gates.length === 0 ? 'moving' : 'gating', merged, gates }), at, 'system', words);
    }
    case 'land-conflicted': {
      if (step.is !== 'merging') return run;
      const obstacle = { is: 'conflict', files: event.files, hunks: event.hunks } as const;
      const words = `cannot land on ${landing.target}: ${obstacleWords(obstacle)}`;
      return traced(to({ is: 'returning', onto: event.onto, obstacle }), at, 'system', words);
    }
    case 'land-gate-started':
      return step.is === 'gating'
        ? to({ ...step, gates: withGate(step.gates, event.gate, { status: 'running' }) })
        : run;
    case 'land-gate-ended':
      return step.is === 'gating' ? gateEnded(run, landing, step, event, at) : run;
    case 'land-stale': {
      if (step.is !== 'gating' && step.is !== 'moving') return run;
      const why =
        event.tip === null ? 'the merged tree is gone' : `${landing.target} has moved to ${event.tip.slice(0, 8)}`;
      const words = `${why}: once more from the top`;
      return traced(to({ is: 'merging' }), at, 'system', words);
    }
    case 'land-returned':
      return step.is === 'returning' ? returned(run, landing, step, event, at) : run;
  }
}

function gateEnded(
  run: RunState,
  landing: Landing,
  step: Extract<LandingStep, { is: 'gating' }>,
  event: Extract<Event, { type: 'land-gate-ended' }>,
  at: number,
): RunState {
  const { type: _type, run: _run, gate: id, ...shown } = event;
  const known = step.gates.find((gate) => gate.id === id);
  if (known === undefined || (known.status !== 'pending' && known.status !== 'running')) return run;
  const gates = withGate(step.gates, id, shown);
  const words = [`${id} ${event.status} on the merged tree`, event.summary].filter(Boolean).join(': ');
  const next = (after: LandingStep): RunState =>
    traced({ ...run, landing: { ...landing, step: after } }, at, 'gate', words);
  if (nextLandingGate(run.definition, gates) !== null) return next({ ...step, gates });
  const red = redOf(run.definition, gates);
  return red.length === 0
    ? next({ is: 'moving', merged: step.merged, gates })
    : next({ is: 'returning', onto: step.merged.onto, obstacle: { is: 'red', gates: red } });
}

function returned(
  run: RunState,
  landing: Landing,
  { onto, obstacle }: Extract<LandingStep, { is: 'returning' }>,
  { base, detail }: Extract<Event, { type: 'land-returned' }>,
  at: number,
): RunState {
  const note = obstacleNote(landing, onto, obstacle, base !== null);
  const marked = obstacle.is === 'conflict' ? obstacle.files.map(({ path }) => path) : [];
  const own: RunState = {
    ...run,
    landing: null,
    base: base ?? run.base,
    conflicts: [...new Set([...run.conflicts, ...marked])],
  };
  const words =
    base === null ? `${landing.target} was not brought in: ${detail}` : `${landing.target} is in its worktree now`;
  const told = withNote(traced(own, at, 'system', words), `landing-${run.pass}`, note, 'looptop', at);
  return anotherPass(told, `could not land on ${landing.target}: ${obstacleWords(obstacle)}`, at);
}

/** Green was not enough: its maker goes on, or waits until there are passes again. */
function anotherPass(run: RunState, why: string, at: number): RunState {
  const fresh: RunState = {
    ...run,
    retry: null,
    unlanded: null,
    // Somebody has looked at it: what came before is no sign of going in circles.
    forgiven: run.passes.filter(({ endedAt }) => endedAt !== null).length,
  };
  if (run.pass < run.budget.passes) return beginPass(inPhase(traced(fresh, at, 'system', why), 'making'), at);
  const detail = `${why}, and its ${run.budget.passes} passes are used`;
  return traced(
    held(inPhase(fresh, 'reflecting'), { kind: 'paused', why: 'budget', detail, since: at }),
    at,
    'system',
    detail,
  );
}

const withGate = (gates: readonly GateResult[], id: string, change: Partial<GateResult>): GateResult[] =>
  gates.map((gate) => (gate.id === id ? { ...gate, ...change } : gate));
