/** Triage in words, for the journal, the command line and the pane alike. None of these hold a word of an item. */
import type { TriageEvent } from '../event.ts';
import type { Ranking } from '../state.ts';

type Discovered = Extract<TriageEvent, { type: 'discovered' }>;

/** In words, without a word of an item: `3 new of 15, 2 of them wait for the next look`. */
export function foundWords({
  found,
  fresh,
  left,
  unread,
}: Pick<Discovered, 'found' | 'fresh' | 'left' | 'unread'>): string {
  const bad = unread === 0 ? '' : `; ${unread} ${unread === 1 ? 'line is' : 'lines are'} no item with a key`;
  const wait = left === 0 ? '' : `, ${left} more wait for the next look`;
  if (fresh > 0) return `${fresh} new of ${found}${wait}${bad}`;
  if (found === 0) return `nothing was found, no model was asked${bad}`;
  return `nothing new among ${found}${wait}, no model was asked${bad}`;
}

/** `3 hits, 12 below the mark`. `candidates`: how many it was given; null where it looked for itself. */
export function triagedWords(hits: number, rankings: readonly Ranking[], candidates: number | null): string {
  const below = (candidates ?? rankings.length) - hits;
  return `${hits === 0 ? 'no' : hits} ${hits === 1 ? 'hit' : 'hits'}${below > 0 ? `, ${below} below the mark` : ''}`;
}
