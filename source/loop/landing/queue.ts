/** Who lands when: one run at a time on each target, in the order in which it was asked. */
import type { FleetState, RunState } from '../state.ts';

/** The runs that land on `target`, the one whose turn it is first. */
export const queueFor = (fleet: FleetState, target: string): RunState[] =>
  fleet.landings.flatMap((id) => {
    const run = fleet.runs[id];
    return run?.landing?.target === target ? [run] : [];
  });

/** 1: it is its turn; 0: it does not land. */
export const placeOf = (fleet: FleetState, run: RunState): number =>
  run.landing === null ? 0 : queueFor(fleet, run.landing.target).findIndex(({ id }) => id === run.id) + 1;

/** The fleet after `before` became `after`: whoever is asked to land is last in the queue, whoever is not any more has left it. */
export function withQueue(fleet: FleetState, before: RunState, after: RunState): FleetState {
  const [was, is] = [before, after].map((run) => run.status.tag === 'open' && run.landing !== null);
  if (was === is) return fleet;
  const others = fleet.landings.filter((id) => id !== after.id);
  return { ...fleet, landings: is ? [...others, after.id] : others };
}

/** `it is next`, `it is 2nd in the queue`. */
export function placeWords(place: number): string {
  if (place <= 1) return 'it is next';
  const ending = place % 100 >= 11 && place % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `it is ${place}${ending} in the queue`;
}
