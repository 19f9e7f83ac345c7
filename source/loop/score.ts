/** What metric and visual gates measured, over the passes of a run: which number is better, which pass was best, and the curve as text. */
import type { GateDefinition, MetricGate, VisualGate } from './definition/gates.ts';
import { wholeResult } from './fold/result.ts';
import type { Bests, FleetState, Pass, RunState } from './state.ts';

export type ScoredGate = MetricGate | VisualGate;

export const isScored = (gate: GateDefinition): gate is ScoredGate => gate.type === 'metric' || gate.type === 'visual';

/** The likeness of two pictures and a number that shall rise are better when higher; one within two bounds, when nearer to them. */
export function isBetter(gate: ScoredGate, score: number, than: number): boolean {
  if (gate.type === 'visual') return score > than;
  const [off, offThan] = [outside(gate, score), outside(gate, than)];
  if (off !== offThan) return off < offThan;
  return wants(gate) === 'down' ? score < than : wants(gate) === 'up' && score > than;
}

/** How far a number is from its bounds; 0 within them. */
const outside = ({ min, max }: MetricGate, score: number): number =>
  Math.max(0, (min ?? -Infinity) - score, score - (max ?? Infinity));

/** Which way is better, as far as the gate says; null between two bounds. */
function wants({ min, max, ratchet }: MetricGate): 'up' | 'down' | null {
  if (ratchet !== null) return ratchet;
  if (min !== null && max !== null) return null;
  return min !== null ? 'up' : 'down';
}

export interface Scored {
  readonly pass: number;
  readonly score: number;
  readonly tree: string | null;
}

/** What the gate measured, pass by pass; passes without a number are left out. */
export const scoresOf = (run: Pick<RunState, 'passes'>, gate: string): Scored[] =>
  run.passes.flatMap(({ n, gates, tree }: Pass) => {
    const result = gates.find(({ id }) => id === gate);
    const score = result === undefined ? null : wholeResult(result).score;
    return score === null ? [] : [{ pass: n, score, tree }];
  });

/** The best of them, the earlier of equals; null when there is none. */
export function bestOf(gate: ScoredGate, scores: readonly Scored[]): Scored | null {
  return scores.reduce<Scored | null>(
    (best, each) => (best === null || isBetter(gate, each.score, best.score) ? each : best),
    null,
  );
}

/** What a ratchet may not fall behind: the better of the base's number and the best that has landed; null where neither is known. */
export function barOf(gate: MetricGate, base: number | null, landed: number | null): number | null {
  if (base === null || landed === null) return base ?? landed;
  return (gate.ratchet === 'up') === base > landed ? base : landed;
}

/** The fleet after the run has landed: where a ratchet's number is the best so far, the next run may not fall behind it. */
export function withBests(fleet: FleetState, run: RunState): FleetState {
  if (run.status.tag !== 'ended' || run.status.end.kind !== 'landed') return fleet;
  const known: Bests = fleet.bests[run.loop] ?? {};
  const raised: Record<string, number> = { ...known };
  for (const gate of [...run.definition.gates, ...run.definition.onSuccess.gates]) {
    const score = landedScore(run, gate.id) ?? scoresOf(run, gate.id).at(-1)?.score;
    if (gate.type !== 'metric' || gate.ratchet === null || score === undefined) continue;
    raised[gate.id] = barOf(gate, score, known[gate.id] ?? null) ?? score;
  }
  return { ...fleet, bests: { ...fleet.bests, [run.loop]: raised } };
}

/** What the gate measured on the merged tree, which is what the target has now; null where it was not run there. */
function landedScore({ landing }: RunState, gate: string): number | null {
  const gates = landing?.step.is === 'moving' ? landing.step.gates : [];
  return gates.find(({ id }) => id === gate)?.score ?? null;
}

/** At most four decimals, none that say nothing: `0.9312`, `61.2`, `128`. */
export const formatScore = (score: number): string => String(Math.round(score * 10_000) / 10_000);

const STEPS = '▁▂▃▄▅▆▇█';

/** `▁▃▆█`: one sign a number, the lowest at the bottom; in ASCII where asked, as digits 0 to 7. */
export function curve(scores: readonly number[], ascii = false): string {
  const low = Math.min(...scores);
  const span = Math.max(...scores) - low;
  return scores
    .map((score) => (span === 0 ? STEPS.length - 1 : Math.round(((score - low) / span) * (STEPS.length - 1))))
    .map((step) => (ascii ? String(step) : STEPS[step]))
    .join('');
}
