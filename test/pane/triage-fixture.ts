/** A fleet whose triage has found something: hits that wait, one for a person, one promoted, one dismissed. */
import type { FleetState, Hit } from '../../source/loop/state.ts';
import type { RunId } from '../../source/loop/units.ts';
import { definition, fleet, loopState, MINUTE, NOW, nineRuns } from './fleet-fixture.ts';

export const hit = (n: number, changes: Partial<Hit> = {}): Hit => ({
  id: `h${n}`,
  loop: 'triage',
  key: String(800 + n),
  priority: 'p2',
  confidence: 0.8,
  reason: `The ${n}th thing is broken`,
  evidence: `src/file-${n}.ts:${n}`,
  item: { number: 800 + n, title: `the ${n}th thing` },
  suggests: 'ci-fix',
  at: NOW - n * MINUTE,
  expires: NOW + 20 * 60 * MINUTE,
  run: 'triage-7' as RunId,
  base: null,
  status: 'open',
  promotedTo: null,
  ...changes,
});

export const HITS: readonly Hit[] = [
  hit(38, { status: 'promoted', promotedTo: 'ci-fix-12' as RunId, at: NOW - 90 * MINUTE }),
  hit(39, { status: 'dismissed', at: NOW - 80 * MINUTE, reason: 'Spelling in a comment' }),
  hit(40, {
    confidence: 0.71,
    reason: 'Flaky: queue retry test, 3 of 20 runs',
    evidence: 'run 5512',
    suggests: 'docs',
  }),
  hit(41, {
    priority: 'p1',
    confidence: 0.92,
    reason: 'Checkout total rounds wrong for JPY',
    evidence: 'issue #812, cart.ts:88',
    at: NOW - 4 * MINUTE,
  }),
  hit(42, {
    priority: 'p0',
    confidence: 0.55,
    reason: 'Refunds may be paid twice',
    evidence: 'issue #840',
    suggests: 'human',
  }),
];

export function triageFleet(hits: readonly Hit[] = HITS, changes: Partial<FleetState> = {}): FleetState {
  const plain = fleet(nineRuns());
  return fleet(nineRuns(), {
    hits: Object.fromEntries(hits.map((each) => [each.id, each])),
    hitCount: 42,
    loops: { ...plain.loops, triage: loopState('triage', { definition: definition('triage', { leads: 'triage' }) }) },
    triage: {
      triage: {
        seen: [],
        looked: {
          at: NOW - 4 * MINUTE,
          found: 12,
          fresh: 0,
          words: 'nothing new among 12, no model was asked',
          failed: false,
        },
        days: {},
      },
      watch: {
        seen: [],
        looked: {
          at: NOW - 60 * MINUTE,
          found: 0,
          fresh: 0,
          words: 'discover ended with exit code 4: gh: not logged in',
          failed: true,
        },
        days: {},
      },
    },
    ...changes,
  });
}
