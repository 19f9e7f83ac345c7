/** Which instant of a heartbeat is due, and whether those before it, or it too, were missed: slept through, or nobody was there. */
import type { FleetState } from '../state.ts';
import { settledUntil } from './beat.ts';
import { dueAt, type Instant, lastInstant } from './instants.ts';
import { type Heart, type Next, nextOf, timetableOf } from './pulse.ts';

/** A supervisor that is awake looks at its due time, late by what a busy machine costs; one that is later than this was not awake. */
const LATE_MS = 60_000;

export interface Due extends Instant {
  /** Instants before it were missed: it stands for them, where the file wants one firing for all. */
  readonly others: boolean;
  /** Nobody was awake when it was due. */
  readonly late: boolean;
}

/**
 * The instant to deal with at `now`: the oldest that is due and not settled, or, where that one was missed, the newest. Null when
 * none is due.
 */
export function dueInstant(fleet: FleetState, heart: Heart, now: number): Due | null {
  const first = nextOf(fleet, heart);
  if (first === null || first.dueAt > now) return null;
  const { at, trigger } = first;
  if (now - first.dueAt <= LATE_MS) return { at, trigger, others: false, late: false };
  const newest = newestDue(fleet, heart, first, now);
  return { at: newest.at, trigger: newest.trigger, others: newest.at !== at, late: now - newest.dueAt > LATE_MS };
}

function newestDue(fleet: FleetState, heart: Heart, first: Next, now: number): Next {
  const table = timetableOf(fleet, heart);
  for (let until = now; ; ) {
    const last = lastInstant(table, first.at, until);
    if (last === null) return first;
    const due = dueAt(heart.name, table, last);
    if (due <= now && settledUntil(heart.beat, last.at) === null) return { ...last, dueAt: due };
    until = last.at - 1;
  }
}
