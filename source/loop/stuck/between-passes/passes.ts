/** The passes that the rules between passes look at: those that ended red on the present rung since a person last said to go on. */
import { redGate, redGates } from '../../run-status.ts';
import type { Pass, RunState } from '../../state.ts';

export const passesOfRung = (run: RunState): readonly Pass[] =>
  run.passes.filter(
    (pass) =>
      pass.endedAt !== null && pass.n > run.forgiven && pass.rung === run.rung && redGate(run, pass) !== undefined,
  );

/** The red gates of a pass and what failed in each, as one text; empty when nothing was red. */
export function failurePrint(run: RunState, pass: Pass): string {
  return redGates(run, pass)
    .map((gate) => `${gate.id}:${gate.fingerprint ?? gate.status}`)
    .join(' ');
}

/** How many at the end of the list match. */
export function trailing<T>(list: readonly T[], matches: (item: T, index: number) => boolean): number {
  const stop = list.findLastIndex((item, index) => !matches(item, index));
  return list.length - 1 - stop;
}
