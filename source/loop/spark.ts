/** Figures as a row of signs: a bar for a share, a sparkline for a course. One cell a sign, so a row's length is its width. */

const STEPS = '▁▂▃▄▅▆▇█';
/** Nothing at all, so that it is not taken for a little. */
const NOTHING = '·';

/** One sign a value, the highest at full height; all alike where all values are. Values below zero count as nothing. */
export function sparkline(values: readonly number[]): string {
  const top = Math.max(0, ...values);
  return values
    .map((value) => (value <= 0 ? NOTHING : (STEPS[Math.ceil((value / top) * STEPS.length) - 1] ?? NOTHING)))
    .join('');
}

/** How many of `length` signs are full at a share of 0 to 1: something always shows, and only all of it is all of them. */
export function fullSigns(share: number, length: number): number {
  if (share <= 0 || length <= 0) return 0;
  if (share >= 1) return length;
  return Math.min(Math.max(1, length - 1), Math.max(1, Math.round(share * length)));
}
