/** The ids of the hunks on the screen, made once for each: fifty thousand digests at once would be felt. */

import { isRead } from '../../loop/review/owed.ts';
import type { DiffFile, Hunk } from '../../loop/review/parse.ts';
import { patchId } from '../../loop/review/patch-id.ts';
import { skipped } from '../../loop/review/skip.ts';
import type { How, Reading } from '../../loop/state.ts';

const ids = new WeakMap<Hunk, string>();
const skips = new WeakMap<DiffFile, boolean>();

/** See patch-id.ts. */
export function idOf(file: DiffFile, hunk: Hunk): string {
  const known = ids.get(hunk) ?? patchId(file, hunk);
  ids.set(hunk, known);
  return known;
}

/** How well the operator knows a hunk; `skipped` when nobody is to read it. */
export const howOf = ({ marks }: Pick<Reading, 'marks'>, file: DiffFile, hunk: Hunk): How | 'unseen' | 'skipped' =>
  isSkipped(file) ? 'skipped' : (marks[idOf(file, hunk)]?.how ?? 'unseen');

const opens = new WeakMap<DiffFile, { readonly marks: Reading['marks']; readonly open: number }>();

/** How many hunks of a file nobody has read; null when nobody is to read it. Counted anew only when something was read. */
export function openHunks(reading: Pick<Reading, 'marks'>, file: DiffFile): number | null {
  if (isSkipped(file)) return null;
  const last = opens.get(file);
  if (last?.marks === reading.marks) return last.open;
  const open = file.hunks.filter((hunk) => !isRead(reading.marks[idOf(file, hunk)]?.how)).length;
  opens.set(file, { marks: reading.marks, open });
  return open;
}

function isSkipped(file: DiffFile): boolean {
  const known = skips.get(file) ?? skipped(file.path) !== null;
  skips.set(file, known);
  return known;
}
