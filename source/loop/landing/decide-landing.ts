/** What green work calls for next: to be pushed, to be asked to land where its loop says so, and to land when it is its turn. */
import type { Effect } from '../effect.ts';
import type { FleetState, RunState } from '../state.ts';
import { landsByItself } from './automatic.ts';
import { nextLandingGate } from './gates.ts';

/** For a run in review. */
export function landingEffects(fleet: FleetState, run: RunState): Effect[] {
  if (fleet.closing || fleet.disk === 'full') return [];
  const at = { run: run.id };
  const { landing } = run;
  if (run.definition.onSuccess.push && run.commit !== null && run.pushed?.commit !== run.commit)
    return [{ do: 'push', key: `push:${run.id}:${run.commit}`, ...at }];
  if (landing === null) {
    const event = landsByItself(fleet, run);
    return event === null
      ? []
      : [{ do: 'record', key: `record:${run.id}:${run.pass}:${event.type}`, ...at, events: [event] }];
  }
  if (landing.place !== 1) return [];
  const { step } = landing;
  switch (step.is) {
    case 'merging':
      return [{ do: 'land-merge', key: `land-merge:${run.id}`, ...at }];
    case 'gating': {
      const gate = nextLandingGate(run.definition, step.gates);
      return gate === null
        ? []
        : [{ do: 'land-gate', key: `land-gate:${run.id}:${step.merged.commit}:${gate.id}`, ...at, gate }];
    }
    case 'moving':
      return [{ do: landing.how === 'pr' ? 'land-request' : 'land-move', key: `land-move:${run.id}`, ...at }];
    case 'returning':
      return [{ do: 'land-return', key: `land-return:${run.id}`, ...at }];
  }
}

/** Branches that had their time, of runs whose worktree is gone; and when the next one will have had it (ms since 1970). */
export function branchEffects(
  fleet: FleetState,
  now: number,
): { readonly effects: readonly Effect[]; readonly wakeAt: number | null } {
  const free = Object.entries(fleet.keepsakes).filter(([, { run }]) => {
    const of = fleet.runs[run];
    return of === undefined || of.worktree === null || of.tornDown;
  });
  const later = free.flatMap(([, { until }]) => (until > now ? [until] : []));
  return {
    effects:
      fleet.disk === 'full'
        ? []
        : free.flatMap(([branch, { until }]): Effect[] =>
            until > now ? [] : [{ do: 'drop-branch', key: `drop-branch:${branch}`, run: null, branch }],
          ),
    wakeAt: later.length === 0 ? null : Math.min(...later),
  };
}
