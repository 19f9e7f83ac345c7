/**
 * Which lines were moved and not written: blocks that are removed in one place and added in another, also across files. As git's
 * `--color-moved=blocks` has it: at least 20 letters and digits, so that no brace counts as moved.
 */
import type { Diff } from './parse.ts';

/** Where a moved line stands at the other end. */
export interface Elsewhere {
  readonly path: string;
  /** Its number there, from 1: before the change for an added line, after it for a removed one. */
  readonly line: number;
}

/** By file, hunk and line, see `keyOf`. */
export type Moved = ReadonlyMap<string, Elsewhere>;

const LEAST_LETTERS = 20;
/** Places of the same line that are tried; more often stands only what says nothing. */
const MOST_PLACES = 24;

export const keyOf = (file: number, hunk: number, line: number): string => `${file}:${hunk}:${line}`;

interface Place {
  readonly key: string;
  readonly text: string;
  readonly path: string;
  readonly number: number;
  /** Index of the next line, when it stands directly below and is of the same kind. */
  readonly next: number | null;
}

/** All moved lines of a diff. Linear in its length but for lines that stand in many places, of which 24 are tried. */
export function movedLines(diff: Diff): Moved {
  const removed = placesOf(diff, 'removed');
  const added = placesOf(diff, 'added');
  const byText = new Map<string, number[]>();
  removed.forEach(({ text }, at) => {
    const known = byText.get(text);
    if (known === undefined) byText.set(text, [at]);
    else if (known.length < MOST_PLACES) known.push(at);
  });
  const moved = new Map<string, Elsewhere>();
  for (let at = 0; at < added.length; ) {
    const block = longestBlock(added, removed, at, byText);
    if (block.letters < LEAST_LETTERS) {
      // A long run of braces would be looked at once for each of them.
      at += Math.max(1, block.length);
      continue;
    }
    for (let step = 0; step < block.length; step++) {
      const here = added[at + step];
      const there = removed[block.from + step];
      if (here === undefined || there === undefined) break;
      moved.set(here.key, { path: there.path, line: there.number });
      moved.set(there.key, { path: here.path, line: here.number });
    }
    at += block.length;
  }
  return moved;
}

function longestBlock(
  added: readonly Place[],
  removed: readonly Place[],
  start: number,
  byText: ReadonlyMap<string, readonly number[]>,
): { readonly from: number; readonly length: number; readonly letters: number } {
  let best = { from: 0, length: 0, letters: 0 };
  for (const from of byText.get(added[start]?.text ?? '') ?? []) {
    let length = 0;
    let letters = 0;
    let [here, there]: [number | null, number | null] = [start, from];
    while (here !== null && there !== null) {
      const one: Place | undefined = added[here];
      const other: Place | undefined = removed[there];
      if (one === undefined || other === undefined || one.text !== other.text) break;
      length++;
      letters += one.text.match(/[A-Za-z0-9]/g)?.length ?? 0;
      [here, there] = [one.next, other.next];
    }
    if (length > best.length) best = { from, length, letters };
  }
  return best;
}

function placesOf({ files }: Diff, kind: 'added' | 'removed'): Place[] {
  const places: Place[] = [];
  files.forEach(({ path, from, hunks }, file) => {
    hunks.forEach(({ lines }, hunk) => {
      lines.forEach((line, at) => {
        if (line.kind !== kind) return;
        const number = (kind === 'added' ? line.after : line.before) ?? 0;
        const next = lines[at + 1]?.kind === kind ? places.length + 1 : null;
        const where = kind === 'removed' ? (from ?? path) : path;
        places.push({ key: keyOf(file, hunk, at), text: line.text, path: where, number, next });
      });
    });
  });
  return places;
}
