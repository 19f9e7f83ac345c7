/** What each key of the Review view does: from the situation to a new view and what is asked of the world. */
import { isRead } from '../../loop/review/owed.ts';
import type { ReviewEntry } from '../../loop/review/queue.ts';
import type { Done } from '../actions.ts';
import { openComment } from '../dialogs/comment.ts';
import { openSendBack } from '../dialogs/send-back.ts';
import { sheet } from '../dialogs/sheet.ts';
import { bodySize, type Situation, type View } from '../view.ts';
import { evidenceLines } from './evidence.ts';
import { howOf, idOf } from './hunk-ids.ts';
import { diffLineOf, fileOf, hunkOf, nextStart, type Row, type RowIndex, rowAt, rowsOf } from './index-rows.ts';
import { atRun, chosenEntry, commentsOf, divide, type ReviewView, reviewList, topRow } from './look.ts';

const seen = (view: View): Done => ({ view, intents: [] });

const looked = (situation: Situation, review: ReviewView): Done => seen({ ...situation.view, review });

/** Opens the Review view. */
export const toReview = (situation: Situation): Done => reviewRun(situation, situation.view.review.run);

/** Opens the Review view at a run. */
export const reviewRun = ({ view }: Situation, run: string | null): Done =>
  seen({ ...view, screen: 'review', review: atRun(view.review, run) });

const entryOf = ({ fleet, view }: Situation): ReviewEntry | null => chosenEntry(fleet, view.review);

const NOTHING = 'Nothing waits for review: v on a run opens its diff.';

export const whenEntry = (situation: Situation): true | string => (entryOf(situation) === null ? NOTHING : true);

/** The rows of the diff that is shown; null while there is none. */
export function rowsHere(situation: Situation): RowIndex | null {
  const { view, diffs } = situation;
  const entry = entryOf(situation);
  const slot = entry === null ? undefined : diffs[entry.id];
  if (entry === null || slot?.is !== 'here') return null;
  const { review } = view;
  return rowsOf(slot.diff, review.folded, commentsOf({ ...review, run: entry.id }));
}

interface Here {
  readonly index: RowIndex;
  readonly at: number;
  readonly row: Row;
}

function here(situation: Situation): Here | null {
  const index = rowsHere(situation);
  if (index === null) return null;
  const at = Math.min(situation.view.review.at, index.size - 1);
  const row = rowAt(index, at);
  return row === null ? null : { index, at, row };
}

export function whenRow(situation: Situation): true | string {
  if (here(situation) !== null) return true;
  const entry = entryOf(situation);
  if (entry === null) return NOTHING;
  return situation.diffs[entry.id]?.is === 'here' ? `${entry.id} changes nothing.` : 'The diff is not here yet.';
}

export function whenHunk(situation: Situation): true | string {
  const place = here(situation);
  if (place === null) return whenRow(situation);
  const entry = entryOf(situation);
  if (entry?.run?.review == null && entry?.kind !== 'landed')
    return `${entry?.id} is not committed yet: nothing can be marked as read.`;
  const file = fileOf(place.index, place.row);
  return file === null || file.hunks.length === 0 ? 'There is nothing to read in this file.' : true;
}

/** What waits for review, and does not land already, can go back. */
export function whenGreen(situation: Situation): true | string {
  const entry = entryOf(situation);
  if (entry === null) return NOTHING;
  const { run } = entry;
  if (run?.status.tag !== 'open' || run.status.phase !== 'review')
    return `${entry.id} is not waiting for review: nothing would carry a comment to it.`;
  return run.landing === null ? true : `${entry.id} lands already: x on the fleet takes it back.`;
}

/** A comment goes back with the work, so there must be work that can go back. */
export function whenLine(situation: Situation): true | string {
  const place = here(situation);
  if (place === null) return whenRow(situation);
  const possible = whenGreen(situation);
  if (possible !== true) return possible;
  return diffLineOf(place.index, place.row) === null
    ? 'Put the cursor on a line of the diff: ] goes to the next hunk.'
    : true;
}

export function sendBack(situation: Situation): Done {
  const entry = entryOf(situation);
  const { view } = situation;
  if (entry === null) return seen(view);
  const comments = commentsOf({ ...view.review, run: entry.id });
  return seen({ ...view, dialogs: [...view.dialogs, openSendBack(entry.id, comments)] });
}

export type To =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'page-up'
  | 'page-down'
  | 'top'
  | 'bottom'
  | 'next-hunk'
  | 'hunk-before'
  | 'next-file'
  | 'file-before';

const JUMPS: ReadonlySet<To> = new Set(['next-hunk', 'hunk-before', 'next-file', 'file-before']);

/** Cells that one step to the side is. */
const SIDEWAYS = 16;

export function move(situation: Situation, to: To): Done {
  const { review } = situation.view;
  if (to === 'left' || to === 'right')
    return looked(situation, { ...review, left: Math.max(0, review.left + (to === 'right' ? SIDEWAYS : -SIDEWAYS)) });
  const place = here(situation);
  if (place === null) return seen(situation.view);
  const { index, at } = place;
  const page = Math.max(1, diffRows(situation) - 2);
  const wanted = {
    up: at - 1,
    down: at + 1,
    'page-up': at - page,
    'page-down': at + page,
    top: 0,
    bottom: index.size - 1,
    'next-hunk': nextStart(index, at, 'hunk', 1) ?? at,
    'hunk-before': nextStart(index, at, 'hunk', -1) ?? at,
    'next-file': nextStart(index, at, 'file', 1) ?? at,
    'file-before': nextStart(index, at, 'file', -1) ?? at,
  }[to];
  return looked(situation, goTo(situation, index, wanted, JUMPS.has(to)));
}

/** With the cursor at `at`; `raise` brings what begins there to the upper part of the screen, as far as it is not there. */
function goTo(situation: Situation, index: RowIndex, at: number, raise: boolean): ReviewView {
  const { review } = situation.view;
  const rows = diffRows(situation);
  const to = Math.min(index.size - 1, Math.max(0, at));
  const isUpper = to >= review.top && to < review.top + Math.ceil(rows / 2);
  const top = raise && !isUpper ? to - Math.min(3, Math.floor(rows / 4)) : review.top;
  return { ...review, at: to, top: topRow({ at: to, top }, index.size, rows) };
}

function diffRows(situation: Situation): number {
  const { columns, rows } = bodySize(situation);
  return divide(columns, rows).diff;
}

export function nextRun(situation: Situation, steps: 1 | -1): Done {
  const { fleet, view } = situation;
  const list = reviewList(fleet, view.review);
  const at = list.findIndex(({ id }) => id === entryOf(situation)?.id);
  const next = list[(at + steps + list.length) % list.length];
  return next === undefined ? seen(view) : looked(situation, atRun(view.review, next.id));
}

export function fold(situation: Situation): Done {
  const place = here(situation);
  const file = place === null ? null : fileOf(place.index, place.row);
  if (place === null || file === null) return seen(situation.view);
  const { review } = situation.view;
  const folded = new Set(review.folded);
  if (!folded.delete(file.path)) folded.add(file.path);
  // The cursor stays with the file, whose name is what is left of it.
  const start = place.row.kind === 'file' ? place.at : (nextStart(place.index, place.at, 'file', -1) ?? 0);
  return looked(situation, { ...review, folded, at: start, top: Math.min(review.top, start) });
}

/** Hunks that one command may name, see the protocol. */
const MOST_AT_ONCE = 2000;

/** Marks the hunk under the cursor, or all of a file where that is, and goes on to the next that nobody has read. */
export function markRead(situation: Situation): Done {
  const place = here(situation);
  const entry = entryOf(situation);
  const file = place === null ? null : fileOf(place.index, place.row);
  if (place === null || entry === null || file === null) return seen(situation.view);
  const hunk = hunkOf(place.index, place.row);
  const marked = hunk === null ? file.hunks : [hunk];
  const hunks = marked
    .filter((each) => ['unseen', 'skimmed'].includes(howOf(situation.fleet.reading, file, each)))
    .slice(0, MOST_AT_ONCE)
    .map((each) => ({ id: idOf(file, each), how: 'read' as const }));
  const next = nextUnread(situation, place, new Set(hunks.map(({ id }) => id)));
  const done = next === null ? seen(situation.view) : looked(situation, goTo(situation, place.index, next, true));
  if (hunks.length === 0) return done;
  return { ...done, intents: [{ do: 'report', command: { do: 'read', run: entry.id, hunks } }] };
}

/** The row where the next unread hunk begins, after the cursor or else from the top; null when all is read. */
function nextUnread({ fleet }: Situation, { index, at }: Here, besides: ReadonlySet<string>): number | null {
  const isOpen = (block: RowIndex['blocks'][number]): boolean => {
    const file = index.diff.files[block.file];
    const hunk = file?.hunks[block.hunk];
    if (file === undefined || hunk === undefined) return false;
    const how = howOf(fleet.reading, file, hunk);
    return how !== 'skipped' && !isRead(how === 'unseen' ? undefined : how) && !besides.has(idOf(file, hunk));
  };
  const after = index.blocks.find((block) => block.from > at && isOpen(block));
  return (after ?? index.blocks.find(isOpen))?.from ?? null;
}

export function comment(situation: Situation): Done {
  const place = here(situation);
  const entry = entryOf(situation);
  if (place === null || entry === null) return seen(situation.view);
  const file = fileOf(place.index, place.row);
  const line = diffLineOf(place.index, place.row);
  if (file === null || line === null) return seen(situation.view);
  const removed = line.kind === 'removed';
  const about = {
    run: entry.id,
    path: removed ? (file.from ?? file.path) : file.path,
    line: (removed ? line.before : line.after) ?? 0,
    removed,
    quote: line.text,
  };
  const { view } = situation;
  const known = view.review.comments.find(
    (each) =>
      each.run === about.run && each.path === about.path && each.line === about.line && each.removed === removed,
  );
  return seen({ ...view, dialogs: [...view.dialogs, openComment(about, known?.text ?? '')] });
}

export function evidence(situation: Situation): Done {
  const { fleet, view, now, columns } = situation;
  const entry = entryOf(situation);
  if (entry === null) return seen(view);
  const room = Math.max(20, Math.min(74, columns - 6));
  return seen({
    ...view,
    dialogs: [...view.dialogs, sheet(`Evidence for ${entry.id}`, evidenceLines(fleet, entry, now, room))],
  });
}
