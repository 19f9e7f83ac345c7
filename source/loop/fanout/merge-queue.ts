/** Whether the green work of a fan comes together by itself, one item after the other. How it lands, landing/ knows. */
import type { FanState, FleetState, RunState } from '../state.ts';
import { fanOf } from './caps.ts';

/** Not before the operator has seen the pilot, and not of a fan that was stopped. */
const isOpen = (fan: FanState): boolean =>
  fan.rules.merge === 'queue' && fan.released && fan.stopped === null && fan.endedAt === null;

/** Whether the run is an item of a fan that looptop lands without a key of the operator's. */
export function inMergeQueue(fleet: Pick<FleetState, 'fans'>, run: Pick<RunState, 'fan'>): boolean {
  const fan = fanOf(fleet, run);
  return fan !== null && isOpen(fan);
}
