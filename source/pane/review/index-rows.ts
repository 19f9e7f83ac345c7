/**
 * A diff as rows to scroll through: one for each file, hunk, line and remark. Counted, never listed, so that a step in a diff of
 * 50,000 lines costs what one in a diff of 50 does.
 */
import type { Comment } from '../../loop/review/comments.ts';
import type { Diff, DiffFile, DiffLine, Hunk } from '../../loop/review/parse.ts';

export type Row =
  | { readonly kind: 'file'; readonly file: number }
  | { readonly kind: 'hunk'; readonly file: number; readonly hunk: number }
  | { readonly kind: 'line'; readonly file: number; readonly hunk: number; readonly line: number }
  | {
      readonly kind: 'remark';
      readonly file: number;
      readonly hunk: number;
      readonly line: number;
      readonly comment: Comment;
    };

interface Block {
  readonly file: number;
  /** -1: the row of the file itself. */
  readonly hunk: number;
  readonly from: number;
  readonly size: number;
  /** By line, in order. */
  readonly remarks: readonly { readonly line: number; readonly comment: Comment }[];
}

export interface RowIndex {
  readonly diff: Diff;
  readonly size: number;
  readonly blocks: readonly Block[];
}

/** @param folded paths of files of which only the name is shown */
function indexRows(diff: Diff, folded: ReadonlySet<string>, comments: readonly Comment[]): RowIndex {
  const blocks: Block[] = [];
  let size = 0;
  diff.files.forEach((file, at) => {
    blocks.push({ file: at, hunk: -1, from: size++, size: 1, remarks: [] });
    if (folded.has(file.path)) return;
    const ofFile = comments.filter(({ path }) => path === file.path);
    file.hunks.forEach((hunk, number) => {
      const remarks = ofFile
        .flatMap((comment) => {
          const line = lineOf(hunk, comment);
          return line === null ? [] : [{ line, comment }];
        })
        .sort((a, b) => a.line - b.line);
      const rows = 1 + hunk.lines.length + remarks.length;
      blocks.push({ file: at, hunk: number, from: size, size: rows, remarks });
      size += rows;
    });
  });
  return { diff, size, blocks };
}

interface Kept {
  readonly folded: ReadonlySet<string>;
  readonly comments: readonly Comment[];
  readonly index: RowIndex;
}
const kept = new WeakMap<Diff, Kept>();

/** The rows of a diff as it was last looked at, made anew only when something was folded or remarked. */
export function rowsOf(diff: Diff, folded: ReadonlySet<string>, comments: readonly Comment[]): RowIndex {
  const last = kept.get(diff);
  const same =
    last !== undefined &&
    last.folded === folded &&
    last.comments.length === comments.length &&
    comments.every((comment, at) => comment === last.comments[at]);
  if (same) return last.index;
  const index = indexRows(diff, folded, comments);
  kept.set(diff, { folded, comments, index });
  return index;
}

/** Index of the line that a remark is about; null when it is in another hunk. */
function lineOf(hunk: Hunk, { line, removed }: Pick<Comment, 'line' | 'removed'>): number | null {
  const from = removed ? hunk.before : hunk.after;
  if (line < from || line >= from + hunk.lines.length) return null;
  const at = hunk.lines.findIndex((each) =>
    removed ? each.after === null && each.before === line : each.after === line,
  );
  return at === -1 ? null : at;
}

/** The row at `at`; null outside of the diff. */
export function rowAt(index: RowIndex, at: number): Row | null {
  const block = blockAt(index, at);
  if (block === null) return null;
  const { file, hunk, remarks } = block;
  if (hunk === -1) return { kind: 'file', file };
  let line = at - block.from - 1;
  if (line < 0) return { kind: 'hunk', file, hunk };
  let passed = 0;
  for (const remark of remarks) {
    const place = remark.line + 1 + passed;
    if (place > line) break;
    if (place === line) return { kind: 'remark', file, hunk, line: remark.line, comment: remark.comment };
    passed++;
  }
  line -= passed;
  return { kind: 'line', file, hunk, line };
}

function blockAt(index: RowIndex, at: number): Block | null {
  return at < 0 || at >= index.size ? null : (index.blocks[blockNumber(index, at)] ?? null);
}

/** By halving: blocks lie one behind the other. */
function blockNumber({ blocks }: RowIndex, at: number): number {
  let [low, high] = [0, Math.max(0, blocks.length - 1)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((blocks[middle]?.from ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where the next hunk (or file) after `at` begins, or the last one before it; null when there is none. */
export function nextStart(index: RowIndex, at: number, what: 'hunk' | 'file', direction: 1 | -1): number | null {
  const { blocks } = index;
  for (let number = blockNumber(index, at); number >= 0 && number < blocks.length; number += direction) {
    const block = blocks[number];
    if (block === undefined || (what === 'file') !== (block.hunk === -1)) continue;
    if (direction === 1 ? block.from > at : block.from < at) return block.from;
  }
  return null;
}

export const fileOf = ({ diff }: RowIndex, row: Row | null): DiffFile | null =>
  row === null ? null : (diff.files[row.file] ?? null);

export const hunkOf = (index: RowIndex, row: Row | null): Hunk | null =>
  row === null || row.kind === 'file' ? null : (fileOf(index, row)?.hunks[row.hunk] ?? null);

export const diffLineOf = (index: RowIndex, row: Row | null): DiffLine | null =>
  row === null || row.kind === 'file' || row.kind === 'hunk' ? null : (hunkOf(index, row)?.lines[row.line] ?? null);
