/** The Review view as rows of text: the queue by risk, why the chosen run is believed done, and its diff with a cursor. */
import { debtWords, owed } from '../../loop/review/owed.ts';
import type { ReviewEntry } from '../../loop/review/queue.ts';
import type { FleetState } from '../../loop/state.ts';
import { formatDuration } from '../../loop/units.ts';
import { oneLine } from '../present/clean.ts';
import { EMPTY, ends, fit, type Line, line, padEnd, padStart, span } from '../present/span.ts';
import { diffRow } from './diff-row.ts';
import { evidenceRows, RISK_LOOK } from './evidence.ts';
import { fileOf, type RowIndex, rowAt, rowsOf } from './index-rows.ts';
import {
  chosenEntry,
  commentsOf,
  type DiffSlot,
  type Diffs,
  divide,
  type ReviewView,
  reviewList,
  topRow,
} from './look.ts';

export interface ReviewLook extends ReviewView {
  readonly diffs: Diffs;
  /** ms since 1970. */
  readonly now: number;
}

/** Exactly `rows` rows of `columns` cells. */
export function reviewScreen(fleet: FleetState, given: ReviewLook, columns: number, rows: number): Line[] {
  const entry = chosenEntry(fleet, given);
  const look = { ...given, run: entry?.id ?? null };
  const { narrow, queue, right, evidence, diff } = divide(columns, rows);
  const list = reviewList(fleet, look);
  const slot = entry === null ? undefined : look.diffs[entry.id];
  const beside = [
    ...pad(entry === null ? [] : evidenceRows(entry, look.now), evidence),
    ...(entry === null ? pad(emptyLines(fleet), diff + 1) : diffPart(fleet, look, slot, right, diff)),
  ];
  const height = beside.length;
  const body = narrow
    ? [queueLine(list, entry, columns), ...beside]
    : sideBySide(queueColumn(list, entry, look.now, queue, height), beside, queue, right);
  const out = rows >= 5 ? [...body, debtLine(fleet, list, columns)] : body;
  return Array.from({ length: rows }, (_, row) => fit(out[row] ?? EMPTY, columns));
}

const pad = (lines: readonly Line[], to: number): Line[] => Array.from({ length: to }, (_, at) => lines[at] ?? EMPTY);

const sideBySide = (left: readonly Line[], right: readonly Line[], leftWide: number, rightWide: number): Line[] =>
  right.map((row, at) => [...fit(left[at] ?? EMPTY, leftWide), span('│', 'faint'), ...fit(row, rightWide)]);

function queueColumn(
  list: readonly ReviewEntry[],
  chosen: ReviewEntry | null,
  now: number,
  columns: number,
  rows: number,
): Line[] {
  const room = Math.max(1, rows - 1);
  const at = Math.max(
    0,
    list.findIndex(({ id }) => id === chosen?.id),
  );
  const from = Math.max(0, Math.min(at - room + 1, list.length - room, at));
  return [
    line(`  ${padEnd('RUN', columns - 22)}RISK   TO READ  AGE`, 'faint'),
    ...list.slice(from, from + room).map((entry): Line => {
      const current = entry.id === chosen?.id;
      const risk =
        entry.kind === 'green'
          ? [span(padStart(String(entry.risk.score), 4), RISK_LOOK[entry.risk.word])]
          : [span('   ✓', 'faint')];
      return [
        span(current ? '▶ ' : '  ', 'picked'),
        span(padEnd(oneLine(entry.id), columns - 22), current ? 'picked' : entry.kind === 'green' ? 'strong' : 'faint'),
        ...risk,
        span(padStart(entry.unread.toLocaleString('en-US'), 10), entry.unread > 0 ? 'plain' : 'good'),
        span(padStart(formatDuration(Math.max(0, now - entry.since)), 5), 'faint'),
      ];
    }),
  ];
}

/** `2 of 5  ▶ ci-fix-12  risk 62  412 to read   tab: visual-4`. */
function queueLine(list: readonly ReviewEntry[], chosen: ReviewEntry | null, columns: number): Line {
  if (chosen === null) return [];
  const at = list.findIndex(({ id }) => id === chosen.id);
  const next = list[(at + 1) % list.length];
  return ends(
    [
      span(`${at + 1} of ${list.length} `, 'faint'),
      span(oneLine(chosen.id), 'picked'),
      ...(chosen.kind === 'green'
        ? [span(`  risk ${chosen.risk.score}`, RISK_LOOK[chosen.risk.word])]
        : [span('  landed', 'faint')]),
      span(`  ${chosen.unread.toLocaleString('en-US')} to read`),
    ],
    next === undefined || list.length < 2 || columns < 50
      ? []
      : [span('tab', 'key'), span(` ${oneLine(next.id)}`, 'faint')],
    columns,
  );
}

/** A row that names the file, and the visible part of the diff: `rows + 1` rows. */
function diffPart(
  fleet: FleetState,
  look: ReviewLook,
  slot: DiffSlot | undefined,
  columns: number,
  rows: number,
): Line[] {
  const rule = (words: Line): Line => ends([span('─', 'faint'), ...words], [], columns);
  if (slot === undefined) return pad([rule([]), line(' not committed yet: nothing to read', 'faint')], rows + 1);
  if (slot.is === 'loading') return pad([rule([]), line(' reading the diff …', 'faint')], rows + 1);
  if (slot.is === 'failed')
    return pad([rule([]), line(` the diff cannot be read: ${oneLine(slot.why)}`, 'warn')], rows + 1);
  const index = rowsOf(slot.diff, look.folded, commentsOf(look));
  if (index.size === 0) return pad([rule([]), line(' it changes nothing', 'faint')], rows + 1);
  const at = Math.min(look.at, index.size - 1);
  const top = topRow({ at, top: look.top }, index.size, rows);
  const painting = {
    index,
    moved: slot.moved,
    folded: look.folded,
    left: look.left,
    reading: fleet.reading,
  };
  const painted = Array.from({ length: Math.min(rows, index.size - top) }, (_, row): Line => {
    const each = rowAt(index, top + row);
    return each === null ? EMPTY : diffRow(painting, each, top + row === at, columns);
  });
  return [headRow(index, slot.diff.cut, top, at, columns), ...pad(painted, rows)];
}

function headRow(index: RowIndex, cut: string | null, top: number, at: number, columns: number): Line {
  const file = fileOf(index, rowAt(index, top));
  const place = `${(at + 1).toLocaleString('en-US')} of ${index.size.toLocaleString('en-US')}`;
  const left = ` ${oneLine(file?.path ?? '')} ${cut === null ? '' : `(${cut}) `}`;
  const dashes = Math.max(0, columns - place.length - 4 - [...left].length);
  return ends(
    [span('─', 'faint'), span(left, 'strong'), span('─'.repeat(dashes), 'faint')],
    [span(`${place} `, 'faint')],
    columns,
  );
}

/** What has landed and nobody read, and what waits here; with what the figure is worth. */
function debtLine(fleet: FleetState, list: readonly ReviewEntry[], columns: number): Line {
  const { lines } = owed(fleet);
  const waiting = list.reduce((sum, entry) => sum + (entry.kind === 'green' ? entry.unread : 0), 0);
  return ends(
    [
      span(' unread ', 'faint'),
      span(debtWords(lines), lines > 0 ? 'warn' : 'good'),
      span(' landed', 'faint'),
      ...(waiting > 0 ? [span('  to review ', 'faint'), span(debtWords(waiting))] : []),
    ],
    columns >= 90 ? [span('time on screen is a proxy for reading ', 'faint')] : [],
    columns,
  );
}

function emptyLines(fleet: FleetState): Line[] {
  const { lines } = owed(fleet);
  return [
    EMPTY,
    line('  Nothing waits for review.', 'strong'),
    EMPTY,
    line(
      lines > 0
        ? '  What has landed unread is below.'
        : '  A run whose gates are green comes here; v on a run opens its diff before that.',
      'faint',
    ),
  ];
}
