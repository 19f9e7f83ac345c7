/** The item of a triage run: everything new that its `discover` found, ranked in one go. */
import type { Json } from './item.ts';

export interface Candidate {
  /** Its label, which is safe to show and to put into a prompt; see `labelOf`. */
  readonly key: string;
  readonly item: Json;
}

/** What a triage run is given as its item. */
export const candidateItem = (candidates: readonly Candidate[]): Json => ({
  candidates: candidates.map(({ key, item }) => ({ key, item })),
});

/** The candidates of a run's item, each under its label; none where the triage looks for itself. */
export function candidatesOf(item: unknown): readonly Candidate[] {
  if (typeof item !== 'object' || item === null || !('candidates' in item) || !Array.isArray(item.candidates))
    return [];
  return item.candidates.flatMap((each: unknown): Candidate[] =>
    typeof each === 'object' && each !== null && 'key' in each && typeof each.key === 'string' && 'item' in each
      ? [{ key: each.key, item: each.item as Json }]
      : [],
  );
}
