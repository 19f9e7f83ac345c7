/** What the supervisor's own gates make of the run: the only way to green, and the only way to the next pass. */
import { askedGate, stageIsRed } from '../approval.ts';
import { dueReflection } from '../crew/reflection.ts';
import type { RunEvent } from '../event.ts';
import { currentPass, GREEN, isRed } from '../run-status.ts';
import { formatScore } from '../score.ts';
import type { GateResult, Pass, RunState } from '../state.ts';
import { withTemplate } from './reflect.ts';
import { pendingResult } from './result.ts';
import { beginPass, held, inPhase, traced } from './steps.ts';
import { triaged } from './triage.ts';

/** What an agent writes when it believes the work is finished; only used to count claims that a red gate refutes. */
const CLAIM = /\b(done|all (tests|gates) (now )?pass|everything passes|fixed|completed?|is green)\b/i;

/** Lays out the gates of the pass. A loop without gates (`kind: open`) has nothing that could turn it green. */
export function startGates(run: RunState, at: number): RunState {
  const gates = run.definition.gates.map(({ id }) => pendingResult(id));
  const { checker } = run.definition;
  if (checker !== null && isSampled(run, checker.sample)) gates.push(pendingResult(checker.gate));
  // Whoever judges the pass says things too: what counts is the maker's last word. It is false once a gate is red.
  const laid = withPass({ ...run, votes: [] }, { gates, falseDone: claimsDone(run) });
  if (run.definition.leads === 'triage') {
    if (run.rankings === null) return redPass(laid, 'the triage agent gave no answer that can be read', at);
    if (gates.length === 0) return toGreen(laid, at);
  }
  if (gates.length === 0) return redPass(laid, 'no gate to pass', at);
  return run.definition.gates.length === 0 ? inPhase(laid, 'checking') : laid;
}

function claimsDone({ agent, pass, trace }: RunState): boolean {
  if (agent?.outcome?.outcome !== 'done') return false;
  const last = trace.findLast((line) => line.pass === pass && line.kind === 'said');
  return last !== undefined && CLAIM.test(last.text);
}

/** By the run's random mark: the same answer for every pass of a run. */
const isSampled = ({ nonce }: RunState, sample: number): boolean =>
  sample >= 1 || (Number.parseInt(nonce.slice(0, 8), 16) || 0) / 0xffffffff < sample;

export function withGateStarted(run: RunState, event: Extract<RunEvent, { type: 'gate-started' }>): RunState {
  if (!isGating(run, event.pass)) return run;
  return withGate(run, event.gate, (gate) => ({ ...gate, status: 'running' }));
}

export function withGateEnded(run: RunState, event: Extract<RunEvent, { type: 'gate-ended' }>, at: number): RunState {
  // A person's answer is to the question for which the run waits, and ends the wait.
  if (event.by !== undefined && askedGate(run)?.id === event.gate && run.pass === event.pass)
    return withGateEnded(held(run, null), event, at);
  if (!isGating(run, event.pass)) return run;
  const { gate: id, status, exit, ms, fingerprint, summary, tail, score = null, measures = {}, flags = [] } = event;
  const known = currentPass(run)?.gates.find((gate) => gate.id === id);
  if (known === undefined || (known.status !== 'pending' && known.status !== 'running')) return run;
  const judged = withGate(run, id, (gate) => ({
    ...gate,
    ...{ status, exit, ms, fingerprint, summary, tail, score, measures, flags },
  }));
  const said = [summary, ...(score === null || status !== 'green' ? [] : [formatScore(score)]), ...flags];
  const words = [`${id} ${status}`, said.filter((each) => each !== '').join('; ')].filter((each) => each !== '');
  return verdict(traced(judged, at, 'gate', words.join(': ')), at);
}

/** Red as soon as all gates of a stage have run and a required one is red; green when none of any stage is. */
function verdict(run: RunState, at: number): RunState {
  const results = new Map((currentPass(run)?.gates ?? []).map((gate) => [gate.id, gate]));
  for (const stage of ['pass', 'final'] as const) {
    const gates = run.definition.gates.filter((gate) => gate.when === stage);
    // Nobody is asked about what is red anyway.
    const unasked = stageIsRed(run, stage);
    const open = gates.some((gate) => {
      const status = results.get(gate.id)?.status ?? 'pending';
      return (status === 'pending' || status === 'running') && !(unasked && gate.type === 'human');
    });
    if (open) return run;
    const red = gates
      .map((gate) => (gate.required ? results.get(gate.id) : undefined))
      .find((gate) => gate && isRed(gate));
    if (red) return redPass(run, `${red.id}: ${red.summary || red.status}`, at);
  }
  const judged = run.definition.checker?.gate;
  return judged !== undefined && results.get(judged)?.status === 'pending'
    ? inPhase(run, 'checking')
    : toGreen(run, at);
}

/** Every gate is green, and nobody could refute it. */
export const toGreen = (run: RunState, at: number): RunState =>
  run.definition.leads === 'triage'
    ? triaged(run, at)
    : { ...inPhase(withPass(run, { endedAt: at, why: GREEN, falseDone: false }), 'green'), draft: null };

/** The pass is over and red: the next one begins, unless the passes are used up or the operator drained the run. */
export function redPass(run: RunState, why: string, at: number): RunState {
  const falseDone = currentPass(run)?.falseDone === true;
  const closed = traced(
    withPass(run, { endedAt: at, why }),
    at,
    'system',
    falseDone ? `pass ${run.pass} red although the agent said it was done: ${why}` : `pass ${run.pass} red: ${why}`,
  );
  const reflecting = inPhase(closed, 'reflecting');
  if (run.pass >= run.budget.passes) {
    const detail = `stopped at its cap, ${run.pass} of ${run.budget.passes} passes, still red: ${why}`;
    return held(reflecting, { kind: 'paused', why: 'budget', detail, since: at });
  }
  if (run.drain) return { ...held(reflecting, { kind: 'drained', by: run.drain.by, since: at }), drain: null };
  if (run.definition.reflector !== null && dueReflection(reflecting) !== null) return reflecting;
  return beginPass(inPhase(withTemplate(reflecting, at), 'making'), at);
}

const isGating = (run: RunState, pass: number): boolean =>
  run.status.tag === 'open' &&
  run.status.phase === 'gating' &&
  run.status.hold === null &&
  run.kill === null &&
  run.pass === pass;

const withPass = (run: RunState, change: Partial<Pass>): RunState => ({
  ...run,
  passes: run.passes.map((pass) => (pass.n === run.pass ? { ...pass, ...change } : pass)),
});

const withGate = (run: RunState, id: string, change: (gate: GateResult) => GateResult): RunState => ({
  ...run,
  passes: run.passes.map((pass) =>
    pass.n === run.pass ? { ...pass, gates: pass.gates.map((gate) => (gate.id === id ? change(gate) : gate)) } : pass,
  ),
});
