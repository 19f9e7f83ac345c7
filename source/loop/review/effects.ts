/** What the state of reading calls for: to be remembered in the repository, taken in from it, and measured against what stands there. */
import type { Effect } from '../effect.ts';
import { holdOf } from '../run-status.ts';
import type { FleetState, RunState } from '../state.ts';
import { landingClosed } from './owed.ts';

export function readingEffects(fleet: FleetState): Effect[] {
  const { reading, disk, closing, supervisor } = fleet;
  if (disk === 'full' || closing || supervisor === null) return [];
  // What is written before the old notes are known would be told as new.
  if (!reading.recalled) return [{ do: 'recall-reading', key: 'recall-reading', run: null }];
  const open =
    Object.values(reading.marks).some(({ noted }) => !noted) ||
    Object.values(reading.landed).some(({ noted }) => !noted);
  return [
    ...Object.values(fleet.runs).flatMap((run) => goingOn(fleet, run)),
    ...(open ? [{ do: 'note-reading', key: 'note-reading', run: null } as const] : []),
    ...(Object.keys(reading.landed).length > 0
      ? [{ do: 'watch-standing', key: 'watch-standing', run: null } as const]
      : []),
  ];
}

/** A run that waited to land until enough was read goes on by itself. */
function goingOn(fleet: FleetState, run: RunState): Effect[] {
  const hold = holdOf(run);
  if (hold?.kind !== 'paused' || hold.why !== 'unread' || landingClosed(fleet, run.loop) !== null) return [];
  const event = { type: 'resume-asked', run: run.id, by: 'looptop' } as const;
  return [{ do: 'record', key: `record:${run.id}:${run.pass}:read`, run: run.id, events: [event] }];
}
