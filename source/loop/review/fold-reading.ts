/** What one event makes of what is known of reading. Bounded in every direction: what is old and beyond its bound is in the notes of the repository. */

import type { LandedWork, Mark, OwedHunk, Reading } from '../state/review.ts';
import type { FleetState, RunState } from '../state.ts';
import type { ReadingEvent } from './event.ts';
import { better } from './owed.ts';

const MARKS_KEPT = 20_000;
const LANDED_KEPT = 500;

export const NO_READING: Reading = { marks: {}, landed: {}, measured: null, recalled: false };

export function foldReading(fleet: FleetState, event: ReadingEvent, at: number): FleetState {
  return { ...fleet, reading: read(fleet.reading, event, at) };
}

function read(reading: Reading, event: ReadingEvent, at: number): Reading {
  switch (event.type) {
    case 'hunks-read': {
      const marks: Record<string, Mark> = { ...reading.marks };
      for (const { id, how } of event.hunks) {
        const before = marks[id];
        const now = better(before?.how, how);
        if (before?.how === now) continue;
        // The newest stand last, so that the oldest are forgotten first.
        delete marks[id];
        marks[id] = { how: now, noted: false, run: event.of };
      }
      return { ...reading, marks: newest(marks, MARKS_KEPT) };
    }
    case 'reading-noted': {
      const marks: Record<string, Mark> = { ...reading.marks };
      for (const { id, how } of event.hunks) {
        const mark = marks[id];
        if (mark !== undefined && mark.how === how) marks[id] = { ...mark, noted: true };
      }
      const landed = { ...reading.landed };
      for (const run of event.landed) if (landed[run] !== undefined) landed[run] = { ...landed[run], noted: true };
      return { ...reading, marks, landed };
    }
    case 'reading-recalled': {
      const marks: Record<string, Mark> = {};
      for (const { id, how, run } of event.marks) marks[id] = { how, noted: true, run };
      for (const [id, mark] of Object.entries(reading.marks))
        marks[id] = { ...mark, how: better(marks[id]?.how, mark.how) };
      const landed = Object.fromEntries(event.landed.map((each) => [each.run, each]));
      return {
        ...reading,
        marks: newest(marks, MARKS_KEPT),
        landed: newest({ ...landed, ...reading.landed }, LANDED_KEPT),
        recalled: true,
      };
    }
    case 'standing-measured': {
      const landed = { ...reading.landed };
      for (const [run, left] of Object.entries(event.left)) {
        const before = landed[run];
        if (before !== undefined) landed[run] = { ...before, hunks: standing(before.hunks, left) };
      }
      return { ...reading, landed: kept(landed), measured: { target: event.target, at } };
    }
  }
}

/** A hunk of which nothing is left is not owed; of the others only what is left of them. */
function standing(hunks: readonly OwedHunk[], left: Readonly<Record<string, number>>): OwedHunk[] {
  return hunks.flatMap((hunk) => {
    const lines = Math.min(hunk.lines, left[hunk.id] ?? hunk.lines);
    return lines > 0 ? [{ ...hunk, lines }] : [];
  });
}

const kept = (landed: Reading['landed']): Reading['landed'] =>
  Object.fromEntries(Object.entries(landed).filter(([, { hunks }]) => hunks.length > 0));

function newest<Value>(all: Readonly<Record<string, Value>>, most: number): Readonly<Record<string, Value>> {
  const entries = Object.entries(all);
  return entries.length <= most ? all : Object.fromEntries(entries.slice(-most));
}

/** Its hunks stand on the target from now on, if it has landed. */
export function withLanded(fleet: FleetState, run: RunState, at: number): FleetState {
  const landed = landedOf(run, at);
  if (landed === null) return fleet;
  return {
    ...fleet,
    reading: { ...fleet.reading, landed: newest({ ...fleet.reading.landed, [run.id]: landed }, LANDED_KEPT) },
  };
}

function landedOf({ id, loop, status, review, base, commit, landing }: RunState, at: number): LandedWork | null {
  if (status.tag === 'open' || status.end.kind !== 'landed' || review === null || review.hunks.length === 0)
    return null;
  const { as } = status.end;
  // A pull request stands nowhere yet: it is read where it is merged.
  if (as?.how === 'pr') return null;
  const before = landing !== null && 'merged' in landing.step ? landing.step.merged.onto : base;
  const after = as?.commit ?? commit;
  if (before === null || after === null) return null;
  return { run: id, loop, before, commit: after, at, hunks: review.hunks, noted: false };
}
