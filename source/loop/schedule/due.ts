/** Which instant of a heartbeat is due, and whether those before it, or it too, were missed: slept through, or nobody was there. */
import type { FleetState } from '../state.ts';
import { settledUntil } from './beat.ts';
import { dueAt, type Instant, lastInstant } from './instants.ts';
import { type Heart, nextOf, timetableOf } from './pulse.ts';

/** A supervisor that is awake looks at its due time, late by what a busy machine costs; one that is later than this was not awake. */
const LATE_MS = 60_000;

export interface Due extends Instant {
  /** Instants before it were missed: it stands for them, where the file wants one firing for all. */
  readonly others: boolean;
  /** Nobody was awake when it was due. */
  readonly late: boolean;
}

/** The newest instant that is due at `now` and not settled; null when none is. */
export function dueInstant(fleet: FleetState, heart: Heart, now: number): Due | null {
  const first = nextOf(fleet, heart);
  if (first === null || first.dueAt > now) return null;
  const table = timetableOf(fleet, heart);
  let newest: Instant = first;
  let newestDue = first.dueAt;
  for (let until = now; ; ) {
    const last = lastInstant(table, first.at, until);
    if (last === null) break;
    const due = dueAt(heart.name, table, last);
    const settled = settledUntil(heart.beat, last.at) !== null;
    if (due <= now && !settled) {
      newest = last;
      newestDue = due;
      break;
    }
    until = last.at - 1;
  }
  const { at, trigger } = newest;
  return { at, trigger, others: at !== first.at, late: now - newestDue > LATE_MS };
}
