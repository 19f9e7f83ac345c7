/** A gate that measures and whose number gets no better. Which way is better is the gate's: up to its `min`, down to its `max`. */
import type { GateDefinition } from '../../definition/definition.ts';
import { isRed } from '../../run-status.ts';
import type { Pass, RunState } from '../../state.ts';
import type { Rule } from '../rule.ts';
import { passesOfRung } from './passes.ts';

export const noImprovement: Rule = {
  name: 'no-improvement',
  usual: { warn: null, nudge: 2, after: 3 },
  remedy: 'climb',
  count: (run) => standstill(run)?.passes ?? 0,
  words(run) {
    const still = standstill(run);
    return `${still?.gate} got no better in ${still?.passes} passes: ${still?.last} after ${still?.best} in pass ${still?.bestPass}`;
  },
  advice: 'Small steps the same way no longer help. Go back to what the best pass did and change something larger.',
};

export interface Standstill {
  readonly gate: string;
  /** Passes since the best one. */
  readonly passes: number;
  readonly best: number;
  readonly bestPass: number;
  readonly last: number;
}

/** The measured red gate that has stood still longest on the present rung; null when none has a number. */
export function standstill(run: RunState): Standstill | null {
  const set = run.definition.stuck['no-improvement'];
  const own = typeof set === 'object' ? set : {};
  const ended = passesOfRung(run);
  const found = run.definition.gates.flatMap((gate): Standstill[] => {
    const up = better(gate);
    if (up === null || !gate.required || (own.gate !== undefined && own.gate !== gate.id)) return [];
    const still = since(ended, gate.id, up, own.minDelta ?? 0);
    return still === null ? [] : [still];
  });
  return found.reduce<Standstill | null>((worst, each) => (each.passes > (worst?.passes ?? -1) ? each : worst), null);
}

function since(ended: readonly Pass[], gate: string, up: boolean, minDelta: number): Standstill | null {
  const measured = ended.flatMap((pass) => {
    const result = pass.gates.find(({ id }) => id === gate);
    return result && isRed(result) && typeof result.score === 'number' ? [{ n: pass.n, value: result.score }] : [];
  });
  let best = measured[0];
  if (best === undefined) return null;
  let passes = 0;
  for (const each of measured.slice(1)) {
    const gain = up ? each.value - best.value : best.value - each.value;
    // Gains too small to count add up: the best stays where it was.
    if (gain > minDelta) {
      best = each;
      passes = 0;
    } else passes++;
  }
  return { gate, passes, best: best.value, bestPass: best.n, last: measured.at(-1)?.value ?? best.value };
}

/** True when more is better, false when less is; null when the gate measures nothing. */
function better(gate: GateDefinition): boolean | null {
  const type: string = gate.type;
  if (type === 'visual') return true;
  if ('ratchet' in gate && gate.ratchet) return gate.ratchet === 'up';
  if ('min' in gate && typeof gate.min === 'number') return true;
  if ('max' in gate && typeof gate.max === 'number') return false;
  return null;
}
