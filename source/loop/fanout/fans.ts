/** Questions about a fan that fold, decide, words and screens all ask: how its items stand, who has a turn, whether it is over. */

import { ownCap } from '../budget.ts';
import { goesOnToLand } from '../landing/automatic.ts';
import { agentIsAlive } from '../run-status.ts';
import type { FanItem, FanState, FleetState, ItemState, RunState } from '../state.ts';

/** What the state of its run makes of an item. */
export function itemStateOf({ status }: RunState): Exclude<ItemState, 'waiting'> {
  if (status.tag === 'open') return status.phase === 'review' && status.hold === null ? 'green' : 'running';
  switch (status.end.kind) {
    case 'landed':
      return 'landed';
    case 'triaged':
      return 'green';
    case 'exhausted':
    case 'failed':
    case 'lost':
      return 'failed';
    // A person's doing, and no failure.
    case 'killed':
    case 'discarded':
      return 'skipped';
  }
}

/** It is open and will not turn green by itself: at a cap of its own, going in circles, or without a working agent. */
export function standsFailed(run: RunState): boolean {
  const { status } = run;
  if (status.tag !== 'open' || status.hold?.kind !== 'paused' || agentIsAlive(run) || run.kill !== null) return false;
  const { why } = status.hold;
  return why === 'stuck' || why === 'agent' || (why === 'budget' && ownCap(run, run.lastEventAt) !== null);
}

export const runOfItem = ({ runs }: Pick<FleetState, 'runs'>, { run }: FanItem): RunState | null =>
  (run === null ? undefined : runs[run]) ?? null;

/** The run of an item that stands failed; null for any other item. */
export function failedRun(fleet: Pick<FleetState, 'runs'>, item: FanItem): RunState | null {
  const run = item.state === 'running' ? runOfItem(fleet, item) : null;
  return run !== null && standsFailed(run) ? run : null;
}

export interface Tally {
  readonly all: number;
  readonly waiting: number;
  /** At work, or held by something that passes. */
  readonly running: number;
  readonly green: number;
  readonly landed: number;
  /** Those whose run still waits for a person among them. */
  readonly failed: number;
  readonly skipped: number;
}

export function tally(fleet: Pick<FleetState, 'runs'>, { items }: FanState): Tally {
  const count = (state: ItemState): number => items.filter((item) => item.state === state).length;
  const standing = items.filter((item) => failedRun(fleet, item) !== null).length;
  return {
    all: items.length,
    waiting: count('waiting'),
    running: count('running') - standing,
    green: count('green'),
    landed: count('landed'),
    failed: count('failed') + standing,
    skipped: count('skipped'),
  };
}

export const openFans = ({ fans }: Pick<FleetState, 'fans'>): readonly FanState[] =>
  Object.values(fans).filter(({ endedAt }) => endedAt === null);

/** The fan of a loop that is under way: a loop has one at a time. */
export const openFanOf = (fleet: Pick<FleetState, 'fans'>, loop: string): FanState | null =>
  openFans(fleet).find((fan) => fan.loop === loop) ?? null;

/** Whether its loop may still run: a file that was changed or is no longer trusted begins nothing, until it is trusted again. */
export function mayBegin(fleet: Pick<FleetState, 'loops'>, { loop }: FanState): boolean {
  const file = Object.hasOwn(fleet.loops, loop) ? fleet.loops[loop] : undefined;
  return file?.trusted === true && file.definition?.enabled === true;
}

/** Its pilot has come to an end, and the others wait for the operator. */
export function waitsForRelease(fleet: Pick<FleetState, 'runs'>, fan: FanState): boolean {
  if (fan.released || fan.stopped !== null || fan.endedAt !== null) return false;
  const begun = fan.items.filter(({ state }) => state !== 'waiting');
  return (
    begun.length >= fan.rules.pilot &&
    begun.every((item) => item.state !== 'running' || failedRun(fleet, item) !== null)
  );
}

/** Every item has come to its end. A green one has not while looptop is to land it. */
export const isOver = (fleet: FleetState, fan: FanState): boolean =>
  fan.items.every((item) => {
    if (item.state === 'waiting' || item.state === 'running') return false;
    const run = item.state === 'green' ? runOfItem(fleet, item) : null;
    return run === null || !goesOnToLand(fleet, run);
  });
