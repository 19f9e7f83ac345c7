/** Which words of a line were changed: removed and added lines are paired, and each pair is compared word by word. */
import type { DiffLine } from './parse.ts';

/** Half-open range of UTF-16 units in a line. */
export type Range = readonly [from: number, to: number];

/** Marks by index of the line. */
export type WordMarks = ReadonlyMap<number, readonly Range[]>;

/** Longer lines and blocks are shown without marks: nobody reads words in them, and comparing costs their product. */
const MOST_WORDS = 120;
const MOST_TOGETHER = 60;
/** Lines with less in common than this share were rewritten: then all of it is new. */
const ALIKE = 0.4;
/** How far ahead the partner of a line is looked for. */
const REACH = 6;

const WORD = /[\p{L}\p{N}\p{M}_]+|\s+|[^\p{L}\p{N}\p{M}_\s]/gu;

type Line = Pick<DiffLine, 'kind' | 'text'>;

/** The removed and added lines in one piece around the line `at`; null for an unchanged line, and for more than can be compared. */
export function changeAround(
  lines: readonly Line[],
  at: number,
): { readonly from: number; readonly to: number } | null {
  const isChanged = (index: number): boolean => lines[index] !== undefined && lines[index].kind !== 'same';
  if (!isChanged(at)) return null;
  let from = at;
  while (isChanged(from - 1) && at - from <= MOST_TOGETHER) from--;
  let to = at + 1;
  while (isChanged(to) && to - from <= MOST_TOGETHER) to++;
  return to - from > MOST_TOGETHER ? null : { from, to };
}

/** The changed words of lines in which removed ones stand before those added in their place. */
export function changedWords(lines: readonly Line[]): WordMarks {
  const marks = new Map<number, readonly Range[]>();
  let at = 0;
  while (at < lines.length) {
    const removed = at;
    while (lines[at]?.kind === 'removed') at++;
    const added = at;
    while (lines[at]?.kind === 'added') at++;
    if (added > removed && at > added) {
      if (at - removed <= MOST_TOGETHER) markBlock(lines, removed, added, at, marks);
    } else if (at === added && at === removed) at++;
  }
  return marks;
}

function markBlock(
  lines: readonly Line[],
  removed: number,
  added: number,
  end: number,
  marks: Map<number, readonly Range[]>,
): void {
  let next = added;
  for (let old = removed; old < added && next < end; old++) {
    const before = wordsOf(lines[old]?.text ?? '');
    let best: { readonly at: number; readonly compared: Compared } | null = null;
    for (let at = next; at < Math.min(end, next + REACH); at++) {
      const compared = compare(before, wordsOf(lines[at]?.text ?? ''));
      if (compared.alike >= ALIKE && compared.alike > (best?.compared.alike ?? 0)) best = { at, compared };
    }
    if (best === null) continue;
    marks.set(old, best.compared.before);
    marks.set(best.at, best.compared.after);
    next = best.at + 1;
  }
}

const wordsOf = (text: string): readonly string[] => text.match(WORD) ?? [];

interface Compared {
  readonly before: readonly Range[];
  readonly after: readonly Range[];
  /** Share of the longer line's letters that both have, 0 to 1. */
  readonly alike: number;
}

const NOTHING: Compared = { before: [], after: [], alike: 0 };

/** By the longest common subsequence of words, after what both begin and end with. */
function compare(before: readonly string[], after: readonly string[]): Compared {
  if (before.length > MOST_WORDS || after.length > MOST_WORDS) return NOTHING;
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let [endBefore, endAfter] = [before.length, after.length];
  while (endBefore > head && endAfter > head && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore--;
    endAfter--;
  }
  const keptBefore = before.map((_, at) => at < head || at >= endBefore);
  const keptAfter = after.map((_, at) => at < head || at >= endAfter);
  for (const [old, now] of common(before.slice(head, endBefore), after.slice(head, endAfter))) {
    keptBefore[head + old] = true;
    keptAfter[head + now] = true;
  }
  const letters = (words: readonly string[], kept: readonly boolean[] | null): number =>
    words.reduce((sum, word, at) => (word.trim() === '' || (kept !== null && !kept[at]) ? sum : sum + word.length), 0);
  const longer = Math.max(letters(before, null), letters(after, null));
  return {
    before: rangesOf(before, keptBefore),
    after: rangesOf(after, keptAfter),
    alike: longer === 0 ? 0 : letters(before, keptBefore) / longer,
  };
}

/** Pairs of indexes of a longest common subsequence. */
function common(before: readonly string[], after: readonly string[]): [number, number][] {
  const wide = after.length + 1;
  const lengths = new Uint16Array((before.length + 1) * wide);
  const length = (old: number, now: number): number => lengths[old * wide + now] ?? 0;
  for (let old = before.length - 1; old >= 0; old--)
    for (let now = after.length - 1; now >= 0; now--)
      lengths[old * wide + now] =
        before[old] === after[now]
          ? length(old + 1, now + 1) + 1
          : Math.max(length(old + 1, now), length(old, now + 1));
  const pairs: [number, number][] = [];
  let [old, now] = [0, 0];
  while (old < before.length && now < after.length) {
    if (before[old] === after[now]) pairs.push([old++, now++]);
    else if (length(old + 1, now) >= length(old, now + 1)) old++;
    else now++;
  }
  return pairs;
}

/** Where the words stand that are not kept; neighbours are one range. */
function rangesOf(words: readonly string[], kept: readonly boolean[]): Range[] {
  const ranges: [number, number][] = [];
  let from = 0;
  words.forEach((word, at) => {
    const to = from + word.length;
    if (!kept[at]) {
      const last = ranges.at(-1);
      if (last !== undefined && last[1] === from) last[1] = to;
      else ranges.push([from, to]);
    }
    from = to;
  });
  return ranges;
}
