/** What is owed: lines that an agent wrote, that stand on the target branch, and that this operator has not read. In lines and in hours. */

import type { How, LandedWork, OwedHunk } from '../state/review.ts';
import type { FleetState } from '../state.ts';

/** Lines an hour: below 300 to 500 defects are found, above few are (SmartBear's study at Cisco; a vendor's, so a direction). */
const LINES_AN_HOUR = 400;

export interface Owed {
  /** Lines nobody has read: unseen and skimmed ones. */
  readonly lines: number;
  /** All that stand, by how well they are known. */
  readonly unseen: number;
  readonly skimmed: number;
  readonly read: number;
  readonly explained: number;
}

const NOTHING_OWED: Owed = { lines: 0, unseen: 0, skimmed: 0, read: 0, explained: 0 };

/** Milliseconds that reading so many lines takes. */
export const readingMs = (lines: number): number => (lines / LINES_AN_HOUR) * 3_600_000;

type Marks = FleetState['reading']['marks'];

/** Asked several times a key, of thousands of hunks; the same question has the same answer. */
const counted = new WeakMap<readonly OwedHunk[], { readonly marks: Marks; readonly owed: Owed }>();

/** How well these hunks are known, in lines. */
export function known(marks: Marks, hunks: readonly OwedHunk[]): Owed {
  const last = counted.get(hunks);
  if (last?.marks === marks) return last.owed;
  const owed = count(marks, hunks);
  counted.set(hunks, { marks, owed });
  return owed;
}

function count(marks: Marks, hunks: readonly OwedHunk[]): Owed {
  const by = { unseen: 0, skimmed: 0, read: 0, explained: 0 };
  for (const { id, lines } of hunks) by[marks[id]?.how ?? 'unseen'] += lines;
  return { ...by, lines: by.unseen + by.skimmed };
}

/** Of one loop, or of the repository. */
export function owed({ reading }: Pick<FleetState, 'reading'>, loop: string | null = null): Owed {
  const all: LandedWork[] = Object.values(reading.landed).filter((each) => loop === null || each.loop === loop);
  return all.map(({ hunks }) => known(reading.marks, hunks)).reduce(plus, NOTHING_OWED);
}

const plus = (a: Owed, b: Owed): Owed => ({
  lines: a.lines + b.lines,
  unseen: a.unseen + b.unseen,
  skimmed: a.skimmed + b.skimmed,
  read: a.read + b.read,
  explained: a.explained + b.explained,
});

/** Loops that owe something, the most first. */
export function owedByLoop(
  fleet: Pick<FleetState, 'reading'>,
): readonly { readonly loop: string; readonly owed: Owed }[] {
  const loops = [...new Set(Object.values(fleet.reading.landed).map(({ loop }) => loop))];
  return loops
    .map((loop) => ({ loop, owed: owed(fleet, loop) }))
    .filter(({ owed: { lines } }) => lines > 0)
    .sort((a, b) => b.owed.lines - a.owed.lines || (a.loop < b.loop ? -1 : 1));
}

const ORDER: readonly How[] = ['skimmed', 'read', 'explained'];

/** Of two marks the better one: what was read is not unread by a glance. */
export const better = (a: How | undefined, b: How): How =>
  a !== undefined && ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;

export const isRead = (how: How | undefined): boolean => how === 'read' || how === 'explained';

/**
 * Why nothing of a loop may land now, in words; null when it may. The loop goes on working all the same: what is red or green does
 * not wait for a reader.
 */
export function landingClosed(fleet: Pick<FleetState, 'reading' | 'loops'>, loop: string): string | null {
  const most = fleet.loops[loop]?.definition?.review.maxUnreadLines ?? null;
  if (most === null) return null;
  const { lines } = owed(fleet, loop);
  return lines > most
    ? `${lines} landed lines of ${loop} are unread and its loop file allows ${most} (review.max-unread-lines): read some first (3 in the pane, or looptop review)`
    : null;
}

/** `1,240 lines ≈ 3h06`. */
export function debtWords(lines: number): string {
  const minutes = Math.ceil(readingMs(lines) / 60_000);
  const time = minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}`;
  return `${lines.toLocaleString('en-US')} ${lines === 1 ? 'line' : 'lines'} ≈ ${time}`;
}
