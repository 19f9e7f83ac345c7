/** Which green runs land without being asked to: those whose loop says so. A run that was refused once waits for the operator. */
import type { RunEvent } from '../event.ts';
import { inMergeQueue } from '../fanout/merge-queue.ts';
import { landingClosed } from '../review/owed.ts';
import type { FleetState, LandHow, RunState } from '../state.ts';
import { targetOf } from './target.ts';

/** How the run is to land by what its loop says; null when that is the operator's to say. */
export function ownWay(fleet: Pick<FleetState, 'fans'>, run: RunState): LandHow | null {
  const { kind, onSuccess } = run.definition;
  if (kind === 'open' || onSuccess.asks.length > 0) return null;
  if (onSuccess.pr !== null) return 'pr';
  return onSuccess.merge === 'auto' || inMergeQueue(fleet, run) ? 'rebase' : null;
}

/** It lands, or is about to by itself: green is not the end of it. */
export const goesOnToLand = (fleet: Pick<FleetState, 'fans'>, run: RunState): boolean =>
  run.landing !== null || (ownWay(fleet, run) !== null && run.unlanded === null);

/** What is to be recorded of a run that has just turned green and lands by itself; null when it does not, or is about to. */
export function landsByItself(fleet: FleetState, run: RunState): RunEvent | null {
  const how = ownWay(fleet, run);
  if (how === null || run.landing !== null || run.unlanded !== null) return null;
  const closed = landingClosed(fleet, run.loop);
  if (closed !== null) return { type: 'paused', run: run.id, why: 'unread', detail: closed };
  return askedByLooptop(fleet, run, how);
}

/** The event by which looptop itself asks for the landing of a green run, or says why there is none. */
export function askedByLooptop(fleet: FleetState, run: RunState, how: LandHow): RunEvent | null {
  const green = run.status.tag === 'open' && run.status.phase === 'review' && run.status.hold === null;
  if (!green || run.kill !== null || run.landing !== null || run.definition.kind === 'open') return null;
  const target = targetOf(fleet, run);
  return target === null
    ? { type: 'land-refused', run: run.id, why: 'it started from no branch: looptop land names one with --onto' }
    : { type: 'land-asked', run: run.id, how, target, push: false, by: 'looptop' };
}
