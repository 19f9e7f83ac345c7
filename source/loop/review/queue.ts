/** What waits for a reader: green runs, the riskiest first, then what has landed and was not read. */

import type { LandedWork, OwedHunk } from '../state/review.ts';
import type { FleetState, RunState } from '../state.ts';
import { known } from './owed.ts';
import { type Risk, riskOf } from './risk.ts';

export type ReviewEntry = {
  readonly id: string;
  readonly loop: string;
  /** What is to be read, and how many lines of it nobody has read. */
  readonly hunks: readonly OwedHunk[];
  readonly unread: number;
  /** Since when it waits, ms since 1970. */
  readonly since: number;
} & (
  | { readonly kind: 'green'; readonly run: RunState; readonly risk: Risk }
  | { readonly kind: 'landed'; readonly run: RunState | null; readonly landed: LandedWork }
);

/** Green by risk, of equal risk the oldest first; landed with unread lines, the most first. */
export function reviewQueue(fleet: Pick<FleetState, 'runs' | 'reading'>): readonly ReviewEntry[] {
  const green = Object.values(fleet.runs)
    .filter(({ status }) => status.tag === 'open' && status.phase === 'review')
    .map((run) => greenEntry(fleet, run))
    .sort((a, b) => b.risk.score - a.risk.score || a.since - b.since);
  const landed = Object.values(fleet.reading.landed)
    .map((each): ReviewEntry & { kind: 'landed' } => ({
      kind: 'landed',
      id: each.run,
      loop: each.loop,
      hunks: each.hunks,
      unread: unread(fleet, each.hunks),
      since: each.at,
      run: fleet.runs[each.run] ?? null,
      landed: each,
    }))
    .filter((entry) => entry.unread > 0)
    .sort((a, b) => b.unread - a.unread || a.since - b.since);
  return [...green, ...landed];
}

/** A run that is looked at, also one that is not green yet. */
export function greenEntry(fleet: Pick<FleetState, 'reading'>, run: RunState): ReviewEntry & { kind: 'green' } {
  const hunks = run.review?.hunks ?? [];
  const risk = riskOf(run);
  return {
    kind: 'green',
    id: run.id,
    loop: run.loop,
    hunks,
    unread: unread(fleet, hunks) + (run.review?.more ?? 0),
    since: run.lastEventAt,
    run,
    risk,
  };
}

const unread = ({ reading }: Pick<FleetState, 'reading'>, hunks: readonly OwedHunk[]): number =>
  known(reading.marks, hunks).lines;
