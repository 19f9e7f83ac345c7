/** What the operator looks at in the Review view, and how the screen is divided for it. Plain values, changed by keys alone. */
import type { Comment } from '../../loop/review/comments.ts';
import type { Moved } from '../../loop/review/moved.ts';
import type { Diff } from '../../loop/review/parse.ts';
import { greenEntry, type ReviewEntry, reviewQueue } from '../../loop/review/queue.ts';
import type { FleetState } from '../../loop/state.ts';

export interface ReviewView {
  /** The run whose diff is shown; null, or one that is gone: the first of the queue. */
  readonly run: string | null;
  /** The row under the cursor, and the first one on the screen. */
  readonly at: number;
  readonly top: number;
  /** Cells that are scrolled past at the left. */
  readonly left: number;
  /** Paths of files of which only the name is shown. */
  readonly folded: ReadonlySet<string>;
  /** Of all runs, until they are sent back. */
  readonly comments: readonly Comment[];
}

export const FIRST_REVIEW: ReviewView = { run: null, at: 0, top: 0, left: 0, folded: new Set(), comments: [] };

/** A run's diff as far as it is here. `of` says which state of the run it is of. */
export type DiffSlot = { readonly of: string } & (
  | { readonly is: 'loading' }
  | { readonly is: 'failed'; readonly why: string }
  | { readonly is: 'here'; readonly diff: Diff; readonly moved: Moved }
);

/** By run. */
export type Diffs = Readonly<Record<string, DiffSlot>>;

/** What waits, with the run that the operator came for in front when it is not among it. */
export function reviewList(fleet: FleetState, { run }: Pick<ReviewView, 'run'>): readonly ReviewEntry[] {
  const queue = reviewQueue(fleet);
  const asked = run === null ? undefined : fleet.runs[run];
  if (asked === undefined || queue.some(({ id }) => id === run)) return queue;
  return [greenEntry(fleet, asked), ...queue];
}

/** The entry under the eyes; null when nothing waits. */
export function chosenEntry(fleet: FleetState, view: Pick<ReviewView, 'run'>): ReviewEntry | null {
  const list = reviewList(fleet, view);
  return list.find(({ id }) => id === view.run) ?? list[0] ?? null;
}

/** The diff that is wanted now: of which run, and of which state of it; null when there is none. */
export function wantedDiff(
  fleet: FleetState,
  view: Pick<ReviewView, 'run'>,
): { readonly run: string; readonly of: string } | null {
  const entry = chosenEntry(fleet, view);
  if (entry === null) return null;
  if (entry.kind === 'landed') return { run: entry.id, of: entry.landed.commit };
  const { commit, base, pass, passes } = entry.run;
  if (base === null) return null;
  return { run: entry.id, of: commit ?? `${pass}:${passes.at(-1)?.tree ?? ''}` };
}

export interface Division {
  /** The queue stands on top in one row. */
  readonly narrow: boolean;
  readonly queue: number;
  readonly right: number;
  readonly evidence: number;
  readonly diff: number;
}

const QUEUE = 34;
/** Narrower than this the queue has no column of its own. */
const LEAST_WIDE = 90;

/** Rows and columns of the parts. The last row is what is owed, and above the diff stands a row that names its file. */
export function divide(columns: number, rows: number): Division {
  const narrow = columns < LEAST_WIDE;
  const evidence = rows >= 24 ? 5 : rows >= 14 ? 3 : rows >= 9 ? 1 : 0;
  const others = (narrow ? 1 : 0) + evidence + 1 + (rows >= 5 ? 1 : 0);
  return {
    narrow,
    queue: narrow ? columns : QUEUE,
    right: narrow ? columns : columns - QUEUE - 1,
    evidence,
    diff: Math.max(1, rows - others),
  };
}

/** The first row on the screen, such that the cursor is on it with a little around it. */
export function topRow({ at, top }: Pick<ReviewView, 'at' | 'top'>, size: number, rows: number): number {
  const margin = Math.min(2, Math.floor((rows - 1) / 2));
  const lowest = Math.max(0, size - rows);
  const wanted = Math.min(Math.max(top, at + margin - rows + 1), at - margin);
  return Math.min(lowest, Math.max(0, wanted));
}

/** The comments on the run that is shown. */
export const commentsOf = ({ comments, run }: Pick<ReviewView, 'comments' | 'run'>): readonly Comment[] =>
  comments.filter((comment) => comment.run === run);

/** The view at another run: from the top, nothing folded. */
export const atRun = (view: ReviewView, run: string | null): ReviewView =>
  run === view.run ? view : { ...FIRST_REVIEW, comments: view.comments, run };

/** The view with a run that is there, and without comments on work that is not under review any more. */
export function settledReview(view: ReviewView, fleet: FleetState): ReviewView {
  const id = chosenEntry(fleet, view)?.id ?? null;
  // Whoever came for the first of the queue looks at it already.
  const chosen = view.run === null && id !== null ? { ...view, run: id } : atRun(view, id);
  const isCurrent = ({ run }: Comment): boolean => {
    const status = fleet.runs[run]?.status;
    return status?.tag === 'open' && status.phase === 'review';
  };
  return chosen.comments.every(isCurrent) ? chosen : { ...chosen, comments: chosen.comments.filter(isCurrent) };
}

/** With a comment in the place of the one on the same line; without a text that one only goes. */
export function commented(view: ReviewView, comment: Comment): ReviewView {
  const others = view.comments.filter(
    ({ run, path, line, removed }) =>
      run !== comment.run || path !== comment.path || line !== comment.line || removed !== comment.removed,
  );
  return { ...view, comments: comment.text === '' ? others : [...others, comment] };
}
