/** The hits of a fleet: which findings become one, in what order they stand, and which of them wait for a person. */
import type { LoopDefinition, OnHit, Priority } from '../definition/definition.ts';
import { USUAL_HITS } from '../definition/triage.ts';
import type { FleetState, Hit, Ranking, TriageDay, TriageState } from '../state.ts';

const RANK: Readonly<Record<Priority, number>> = { p0: 0, p1: 1, p2: 2, p3: 3 };

/** Whether a finding is at or above the marks of its loop. */
export const isAboveMark = (ranking: Pick<Ranking, 'priority' | 'confidence'>, marks: OnHit): boolean =>
  RANK[ranking.priority] <= RANK[marks.minPriority] && ranking.confidence >= marks.minConfidence;

/** The most urgent first, then the surest, then the oldest. */
export const byUrgency = (a: Hit, b: Hit): number =>
  RANK[a.priority] - RANK[b.priority] || b.confidence - a.confidence || a.at - b.at || numberOf(a) - numberOf(b);

const numberOf = ({ id }: Hit): number => Number(id.slice(1));

/** `p0` is more urgent than `p1`. */
export const isMoreUrgent = (a: Priority, b: Priority): boolean => RANK[a] < RANK[b];

export const openHits = (fleet: FleetState): readonly Hit[] =>
  Object.values(fleet.hits)
    .filter(({ status }) => status === 'open')
    .sort(byUrgency);

/** The marks of the loop that found it, as its file says now. */
export const marksOf = (fleet: FleetState, loop: string): OnHit => loopOf(fleet, loop)?.onHit ?? USUAL_HITS;

export const loopOf = (fleet: FleetState, name: string): LoopDefinition | null =>
  (Object.hasOwn(fleet.loops, name) ? fleet.loops[name]?.definition : null) ?? null;

export const NO_TRIAGE: TriageState = { seen: [], looked: null, days: {} };
export const NO_DAY: TriageDay = { quiet: 0, runs: 0, ranked: 0, hits: 0, promoted: [], auto: 0 };

export const triageOf = ({ triage }: FleetState, loop: string): TriageState =>
  (Object.hasOwn(triage, loop) ? triage[loop] : undefined) ?? NO_TRIAGE;

/** What the loop may still promote by itself today. */
export const autoLeft = (fleet: FleetState, loop: string): number =>
  Math.max(0, marksOf(fleet, loop).maxPerDay - (triageOf(fleet, loop).days[fleet.today] ?? NO_DAY).auto);
