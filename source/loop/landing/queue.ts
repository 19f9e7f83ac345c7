/** Who lands when: one run at a time on each target, in the order in which it was asked. */
import type { FleetState, RunState } from '../state.ts';

/** The runs that land on `target`, the one whose turn it is first. */
export const queueFor = (fleet: FleetState, target: string): RunState[] =>
  fleet.landings.flatMap((id) => {
    const run = fleet.runs[id];
    return run?.landing?.target === target ? [run] : [];
  });

/** The fleet after `before` became `after`: whoever is asked to land is last in the queue, whoever is not any more has left it. */
export function withQueue(fleet: FleetState, before: RunState, after: RunState): FleetState {
  const [was, is] = [before, after].map((run) => run.status.tag === 'open' && run.landing !== null);
  if (was === is) return fleet;
  const others = fleet.landings.filter((id) => id !== after.id);
  return placed(
    { ...fleet, landings: is ? [...others, after.id] : others },
    (is ? after : before).landing?.target ?? '',
  );
}

/** Each run of the queue knows its place, so that whoever sees the run sees it too. */
function placed(fleet: FleetState, target: string): FleetState {
  const runs = { ...fleet.runs };
  for (const [index, run] of queueFor(fleet, target).entries()) {
    const place = index + 1;
    if (run.landing !== null && run.landing.place !== place)
      runs[run.id] = { ...run, landing: { ...run.landing, place } };
  }
  return { ...fleet, runs };
}

/** `it is next`, `it is 2nd in the queue`. */
export function placeWords(place: number): string {
  if (place <= 1) return 'it is next';
  const ending = place % 100 >= 11 && place % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `it is ${place}${ending} in the queue`;
}
