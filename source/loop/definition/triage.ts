/** The keys `discover` and `on-hit` with every default filled in. */
import type { Discovery, OnHit } from './definition.ts';
import type { FrontMatter } from './schema/front-matter.ts';

const DAY_MS = 86_400_000;

/** What a loop file does not say of its hits. */
export const USUAL_HITS: OnHit = {
  minPriority: 'p2',
  minConfidence: 0.5,
  promoteTo: null,
  mode: 'ask',
  expiresMs: DAY_MS,
  maxPerDay: 5,
};

export function discovery({ discover }: FrontMatter): Discovery | null {
  if (discover === undefined) return null;
  return {
    run: discover.run,
    key: discover.key,
    changedBy: discover['changed-by'] ?? [],
    limit: discover.limit ?? 20,
    forgetAfterMs: discover['forget-after'] ?? 14 * DAY_MS,
    trust: discover.trust ?? 'untrusted',
  };
}

export function onHit(front: FrontMatter): OnHit {
  const said = front['on-hit'] ?? {};
  // A triage beside a maker works for that one.
  const own = front.agents.triage !== undefined && front.agents.maker !== undefined ? front.name : null;
  return {
    minPriority: said['min-priority'] ?? USUAL_HITS.minPriority,
    minConfidence: said['min-confidence'] ?? USUAL_HITS.minConfidence,
    promoteTo: said['promote-to'] ?? own,
    mode: said.mode ?? USUAL_HITS.mode,
    expiresMs: said.expires ?? USUAL_HITS.expiresMs,
    maxPerDay: said['max-per-day'] ?? USUAL_HITS.maxPerDay,
  };
}
