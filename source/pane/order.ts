/** Which runs the Fleet view shows and in what order: what needs a person first, then by age, so that nothing moves that did not change. */
import { attention } from '../loop/attention.ts';
import type { RunState } from '../loop/state.ts';
import { statusWord } from '../loop/status-word.ts';

export interface Ordered {
  /** Runs that are at work or held: live panes. */
  readonly live: readonly RunState[];
  /** Finished or ready to read: one line each, newest first. */
  readonly done: readonly RunState[];
}

/** Sorts and filters the runs of a fleet; see `matches` for the filter's words. */
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

/** All words must match: `state:frozen`, `loop:ci-fix`, or text in id, item, model, branch or goal. Case does not matter. */
export function matches(run: RunState, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = [run.id, run.fan?.key ?? '', run.model, run.maker.engine, run.branch, run.definition.goal]
    .join('\n')
    .toLowerCase();
  return words.every((word) => {
    if (word.startsWith('state:')) return state(run).some((each) => each.includes(word.slice(6)));
    if (word.startsWith('loop:')) return run.loop.toLowerCase().includes(word.slice(5));
    return text.includes(word);
  });
}

/** Everything a person might call the state: its word, and `open`, `ended` or `needs` for the kind. */
function state(run: RunState): string[] {
  const needs = attention(run)?.level === 'act' ? ['needs'] : [];
  return [statusWord(run).word, run.status.tag === 'open' ? 'open' : 'ended', ...needs];
}
