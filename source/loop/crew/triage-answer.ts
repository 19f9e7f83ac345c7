/** What the triage agent found: read by schema out of what it said. What cannot be read is no answer, and no answer is a failed pass. */
import * as z from 'zod';
import type { Ranking } from '../state.ts';
import { labelOf } from '../triage/item.ts';
import { lastObject } from './answer-json.ts';

/** Findings of one run that are kept. */
const MOST = 200;

/** Words are cut, not refused: a long reason is no reason to lose the finding. */
const words = (most: number) =>
  z
    .string()
    .trim()
    .transform((text) => (text.length > most ? `${text.slice(0, most - 1)}…` : text));

const ranking = z.object({
  key: z.union([z.string().trim().min(1).max(200), z.number().transform(String)]),
  priority: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['p0', 'p1', 'p2', 'p3'])),
  confidence: z.number().min(0).max(1),
  reason: words(1000).refine((text) => text !== ''),
  evidence: words(500).default(''),
  loop: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .catch('human')
    .default('human'),
});

const schema = z.object({ hits: z.array(z.unknown()) });

/**
 * Its rankings, each key once; null when they cannot be read.
 * @param said all that it said @param keys of the candidates it was given: what it says of others is dropped. Null where it looked for itself.
 */
export function readRankings(said: string, keys: readonly string[] | null): readonly Ranking[] | null {
  const { data } = schema.safeParse(lastObject(said));
  if (data === undefined) return null;
  const read = data.hits.slice(0, MOST).flatMap((each) => ranking.safeParse(each).data ?? []);
  if (read.length === 0 && data.hits.length > 0) return null;
  const known = keys === null ? null : new Set(keys);
  const byKey = new Map<string, Ranking>();
  for (const each of read) {
    const key = labelOf(each.key);
    if (known === null || known.has(key)) byKey.set(key, { ...each, key });
  }
  return [...byKey.values()];
}
