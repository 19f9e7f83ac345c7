/** The branches of runs that have landed or were discarded: kept for a week, for whoever thinks better of it. */
import type { FleetState, RunState } from '../state.ts';
import { KEPT_MS } from './answer-landing.ts';

/** The fleet after `run` has ended; where its loop keeps the worktree always, its branch stays as well. */
export function withKeepsake(fleet: FleetState, before: RunState, run: RunState): FleetState {
  const { status, commit, branch } = run;
  if (before.status.tag === 'ended' || status.tag !== 'ended' || commit === null || run.base === null) return fleet;
  const until =
    status.end.kind === 'landed'
      ? status.at + KEPT_MS
      : status.end.kind === 'discarded'
        ? status.end.branchUntil
        : undefined;
  if (until === undefined || run.definition.isolation.keep === 'always') return fleet;
  return { ...fleet, keepsakes: { ...fleet.keepsakes, [branch]: { run: run.id, commit, until } } };
}

export function withoutKeepsake(fleet: FleetState, branch: string): FleetState {
  const { [branch]: _gone, ...keepsakes } = fleet.keepsakes;
  return { ...fleet, keepsakes };
}
