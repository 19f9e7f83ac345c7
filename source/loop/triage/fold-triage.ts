/** What one event makes of what was seen and found. Total: an event about a hit or a loop that is not known changes nothing, or begins it. */
import type { TriageEvent } from '../event.ts';
import type { FleetState, Hit, Look, Ranking, RunState, SeenItem, TriageDay, TriageState } from '../state.ts';
import { candidatesOf } from './candidates.ts';
import { isAboveMark, isMoreUrgent, NO_DAY, triageOf } from './hits.ts';
import { keyOf, labelOf } from './item.ts';
import { foundWords } from './words.ts';

const SEEN_KEPT = 1000;
const HITS_KEPT = 100;
const DAYS_KEPT = 90;
const PROMOTED_KEPT = 200;

export function foldTriage(fleet: FleetState, event: TriageEvent, at: number): FleetState {
  switch (event.type) {
    case 'discovered': {
      const { found, fresh } = event;
      const next = looked(fleet, event.loop, { at, found, fresh, words: foundWords(event), failed: false });
      const seen = withTriage(next, event.loop, (triage) => ({
        ...triage,
        seen: remembered(triage.seen, event.seen, at),
      }));
      return fresh === 0 ? withDay(seen, event.loop, (day) => ({ ...day, quiet: day.quiet + 1 })) : seen;
    }
    case 'discovery-failed':
      return looked(fleet, event.loop, { at, found: 0, fresh: 0, words: event.why, failed: true });
    case 'hit-promoted': {
      const hit = hitOf(fleet, event.hit);
      if (hit === undefined) return fleet;
      const next = withHit(fleet, { ...hit, status: 'promoted', promotedTo: event.to });
      return withDay(next, hit.loop, (day) => ({
        ...day,
        promoted: [...day.promoted.slice(1 - PROMOTED_KEPT), event.to],
        auto: day.auto + Number(event.by === AUTO),
      }));
    }
    case 'hit-reported': {
      const run = fleet.runs[event.from];
      return run === undefined ? fleet : kept(withFinding(fleet, run, event.ranking, null, at, { reported: true }));
    }
    case 'hit-dismissed':
    case 'hit-expired': {
      const hit = hitOf(fleet, event.hit);
      const status = event.type === 'hit-dismissed' ? 'dismissed' : 'expired';
      return hit?.status === 'open' ? withHit(fleet, { ...hit, status }) : fleet;
    }
  }
}

/** Who promotes a hit where the loop's file says that nobody need be asked. */
export const AUTO = 'auto';

const withTriage = (fleet: FleetState, loop: string, change: (triage: TriageState) => TriageState): FleetState => ({
  ...fleet,
  triage: { ...fleet.triage, [loop]: change(triageOf(fleet, loop)) },
});

const looked = (fleet: FleetState, loop: string, look: Look): FleetState =>
  withTriage(fleet, loop, (triage) => ({ ...triage, looked: look }));

function withDay(fleet: FleetState, loop: string, change: (day: TriageDay) => TriageDay): FleetState {
  return withTriage(fleet, loop, (triage) => {
    const days = { ...triage.days, [fleet.today]: change(triage.days[fleet.today] ?? NO_DAY) };
    const newest = Object.keys(days).sort().slice(-DAYS_KEPT);
    return { ...triage, days: Object.fromEntries(Object.entries(days).filter(([day]) => newest.includes(day))) };
  });
}

const hitOf = ({ hits }: FleetState, id: string): Hit | undefined => (Object.hasOwn(hits, id) ? hits[id] : undefined);

const withHit = (fleet: FleetState, hit: Hit): FleetState => ({ ...fleet, hits: { ...fleet.hits, [hit.id]: hit } });

/** The newest last; what was not listed for longest is forgotten first. */
function remembered(
  seen: readonly SeenItem[],
  items: readonly { readonly key: string; readonly hash: string }[],
  at: number,
): readonly SeenItem[] {
  const again = new Set(items.map(({ key }) => key));
  return [...seen.filter(({ key }) => !again.has(key)), ...items.map(({ key, hash }) => ({ key, hash, at }))].slice(
    -SEEN_KEPT,
  );
}

/** What the end of a run means for triage: its findings become hits, and what it could not look at at all is new again. */
export function withTriageRun(fleet: FleetState, before: RunState, after: RunState, at: number): FleetState {
  if (after.status.tag !== 'ended' || before.status.tag === 'ended') return fleet;
  const { end } = after.status;
  if (end.kind === 'triaged') return withHits(fleet, after, at);
  const wasInfra = end.kind === 'lost' || (end.kind === 'failed' && end.why !== 'agent');
  return wasInfra && after.definition.discover !== null ? forgotten(fleet, after) : fleet;
}

function forgotten(fleet: FleetState, run: RunState): FleetState {
  const own = keyOf(run.item, run.definition.discover?.key ?? '');
  const keys = new Set([...candidatesOf(run.item).map(({ key }) => key), ...(own === null ? [] : [labelOf(own)])]);
  return withTriage(fleet, run.loop, (triage) => ({
    ...triage,
    seen: triage.seen.filter(({ key }) => !keys.has(key)),
  }));
}

function withHits(fleet: FleetState, run: RunState, at: number): FleetState {
  const items = new Map(candidatesOf(run.item).map(({ key, item }) => [key, item]));
  const { onHit } = run.definition;
  let next = fleet;
  let hits = 0;
  for (const ranking of run.rankings ?? []) {
    if (!isAboveMark(ranking, onHit)) continue;
    hits++;
    next = withFinding(next, run, ranking, items.get(ranking.key) ?? null, at);
  }
  const ranked = Math.max(1, items.size);
  const counted = withDay(next, run.loop, (day) => ({
    ...day,
    runs: day.runs + 1,
    ranked: day.ranked + ranked,
    hits: day.hits + hits,
  }));
  return kept(counted);
}

function kept(fleet: FleetState): FleetState {
  const all = Object.entries(fleet.hits);
  return all.length <= HITS_KEPT ? fleet : { ...fleet, hits: Object.fromEntries(fewer(all)) };
}

/** Those that are dealt with go first, the oldest of them before others. */
function fewer(hits: readonly (readonly [string, Hit])[]): readonly (readonly [string, Hit])[] {
  const worth = ([, hit]: readonly [string, Hit]): number => (hit.status === 'open' ? 1 : 0);
  const kept = hits.toSorted((a, b) => worth(b) - worth(a) || b[1].at - a[1].at).slice(0, HITS_KEPT);
  return hits.filter((each) => kept.includes(each));
}

/** A finding of something that was found before changes that hit; it does not make a second one. */
function withFinding(
  fleet: FleetState,
  run: RunState,
  { loop, ...ranking }: Ranking,
  item: unknown,
  at: number,
  how: Pick<Hit, 'reported'> = {},
): FleetState {
  const known = Object.values(fleet.hits).find((hit) => hit.loop === run.loop && hit.key === ranking.key);
  const found = {
    ...ranking,
    loop: run.loop,
    item,
    suggests: loop,
    at,
    expires: at + run.definition.onHit.expiresMs,
    run: run.id,
    base: run.base,
    ...how,
  };
  if (known === undefined) {
    const id = `h${fleet.hitCount + 1}`;
    return withHit({ ...fleet, hitCount: fleet.hitCount + 1 }, { ...found, id, status: 'open', promotedTo: null });
  }
  const { reported: _before, ...rest } = known;
  return withHit(fleet, { ...rest, ...found, status: again(fleet, known, ranking) });
}

/** Dismissed it stays unless it has become more urgent; promoted for as long as somebody works on it. */
function again(fleet: FleetState, known: Hit, { priority }: Pick<Ranking, 'priority'>): Hit['status'] {
  if (known.status === 'dismissed') return isMoreUrgent(priority, known.priority) ? 'open' : 'dismissed';
  const run = known.promotedTo === null ? undefined : fleet.runs[known.promotedTo];
  return known.status === 'promoted' && run?.status.tag === 'open' ? 'promoted' : 'open';
}
