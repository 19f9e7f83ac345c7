/** Which runs the Fleet view shows and in what order: what needs a person first, then by age, so that nothing moves that did not change. */
import { attention } from '../loop/attention.ts';
import type { RunState } from '../loop/state.ts';
import { matches } from './filter/filter.ts';

export interface Ordered {
  /** Runs that are at work or held: live panes. */
  readonly live: readonly RunState[];
  /** Finished or ready to read: one line each, newest first. */
  readonly done: readonly RunState[];
}

/** Sorts and filters the runs of a fleet; see filter.ts for the filter's words. */
export function order(runs: Iterable<RunState>, filter: string): Ordered {
  const live: { run: RunState; since: number | null }[] = [];
  const done: RunState[] = [];
  for (const run of runs) {
    if (!matches(run, filter)) continue;
    if (isDone(run)) {
      done.push(run);
      continue;
    }
    const needs = attention(run);
    live.push({ run, since: needs?.level === 'act' ? needs.since : null });
  }
  live.sort(
    (a, b) =>
      Number(a.since === null) - Number(b.since === null) ||
      (a.since ?? 0) - (b.since ?? 0) ||
      a.run.queuedAt - b.run.queuedAt ||
      (a.run.id < b.run.id ? -1 : 1),
  );
  done.sort((a, b) => doneAt(b) - doneAt(a) || (a.id < b.id ? 1 : -1));
  return { live: live.map(({ run }) => run), done };
}

/** Ended, or green with nothing left to do but to be read. */
export function isDone(run: RunState): boolean {
  return (
    run.status.tag === 'ended' || (run.status.phase === 'review' && run.status.hold === null && run.landing === null)
  );
}

/** When it was done, ms since 1970. */
export const doneAt = (run: RunState): number => (run.status.tag === 'ended' ? run.status.at : run.lastEventAt);
