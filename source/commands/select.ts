/** Which runs a verb means: names as typed, or all that it applies to. */
import { findRun as find } from '../loop/answer.ts';
import { UsageError } from '../loop/errors.ts';
import { findFan as fanNamed } from '../loop/fanout/answer-fan.ts';
import { isOpen } from '../loop/run-status.ts';
import type { FanState, FleetState, RunState } from '../loop/state.ts';

/** A run by its id, or by its loop when that has one open run. @throws UsageError when there is none or more than one. */
export function findRun(fleet: FleetState, name: string): RunState {
  const found = find(fleet, name);
  if ('refused' in found) throw new UsageError(found.refused, { exitCode: found.code });
  return found;
}

/** The fan of that id, or of that loop while it fans out; null when it names none. */
export function findFan(fleet: FleetState, name: string): FanState | null {
  // A run of that name goes before.
  if (Object.hasOwn(fleet.runs, name)) return null;
  const found = fanNamed(fleet, name);
  return 'refused' in found ? null : found;
}

/** The runs named, each once; with `all` every open one that `applies`. @throws UsageError when both are given. */
export function selectRuns(
  fleet: FleetState,
  names: readonly string[],
  all: boolean,
  applies: (run: RunState) => boolean,
): RunState[] {
  if (all && names.length > 0) throw new UsageError('name runs or say --all, not both');
  if (all) return Object.values(fleet.runs).filter((run) => isOpen(run) && applies(run));
  return [...new Set(names.map((name) => findRun(fleet, name)))];
}
