/** How much a green run asks to be looked at, as a number to sort by and as the reasons for it. A judgement by rule of thumb, not a probability. */

import type { Concern } from '../state/review.ts';
import type { RunState } from '../state.ts';

export interface Risk {
  /** 0 to 100. */
  readonly score: number;
  readonly word: 'high' | 'medium' | 'low';
  /** What adds to it, the weightiest first. */
  readonly reasons: readonly { readonly points: number; readonly words: string }[];
}

/** Points of the first and of each further concern of a kind, and the most that the kind adds. */
const WEIGHTS: Readonly<Record<Concern['kind'], readonly [first: number, further: number, most: number]>> = {
  sensitive: [22, 5, 37],
  'tests-deleted': [25, 8, 35],
  skips: [22, 5, 30],
  'tests-cut': [14, 4, 22],
  'tests-changed': [8, 2, 14],
  silenced: [8, 2, 14],
  binary: [6, 2, 10],
  mode: [6, 2, 10],
};

/** Defects found per line fall off beyond 200 to 400 lines a sitting (SmartBear's study at Cisco): from there size alone is a risk. */
const SIZES: readonly (readonly [lines: number, points: number])[] = [
  [2000, 30],
  [1000, 24],
  [400, 17],
  [200, 9],
  [80, 4],
];

type Judged = Pick<RunState, 'review' | 'findings' | 'definition' | 'passes' | 'rung' | 'model' | 'pass' | 'stuck'>;

/** Reasons of the diff, of the checker, of the gates and of how it came about. */
export function riskOf(run: Judged): Risk {
  const reasons = [...ofDiff(run), ...ofFindings(run), ...ofGates(run), ...ofWay(run)]
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points);
  const score = Math.min(
    100,
    reasons.reduce((sum, { points }) => sum + points, 0),
  );
  return { score, word: score >= 50 ? 'high' : score >= 25 ? 'medium' : 'low', reasons };
}

type Reasons = { readonly points: number; readonly words: string }[];

function ofDiff({ review }: Judged): Reasons {
  if (review === null) return [];
  const counts = new Map<Concern['kind'], number>();
  const points = new Map<Concern['kind'], number>();
  const reasons = review.concerns.map(({ kind, words }) => {
    const [first, further, most] = WEIGHTS[kind];
    const given = points.get(kind) ?? 0;
    const more = Math.min(most - given, counts.has(kind) ? further : first);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    points.set(kind, given + more);
    return { points: more, words };
  });
  const lines = review.added + review.removed - review.skipped;
  const size = SIZES.find(([least]) => lines >= least);
  return size === undefined ? reasons : [...reasons, { points: size[1], words: `${lines} lines changed` }];
}

function ofFindings({ findings }: Judged): Reasons {
  return findings.slice(0, 5).map(({ kind, what }) => ({
    points: kind === 'fixable' ? 8 : 12,
    words: `the checker${kind === 'fixable' ? '' : kind === 'unverifiable' ? ' could not verify' : ' sees a contradiction'}: ${what}`,
  }));
}

function ofGates({ definition, passes, pass }: Judged): Reasons {
  const required = definition.gates.filter(({ required: must, type }) => must && type !== 'human');
  const flags = passes.find(({ n }) => n === pass)?.gates.flatMap((gate) => gate.flags) ?? [];
  return [
    required.length === 0
      ? { points: 20, words: 'no gate had to be green' }
      : { points: required.length === 1 ? 6 : 0, words: 'only one gate had to be green' },
    { points: definition.checker === null ? 4 : 0, words: 'no checker has looked at it' },
    ...flags.slice(0, 3).map((words) => ({ points: 12, words })),
  ];
}

function ofWay({ rung, model, passes, stuck }: Judged): Reasons {
  return [
    { points: rung > 0 ? 4 : 0, words: `it took a stronger model (${model})` },
    { points: passes.length >= 5 ? 5 : passes.length >= 3 ? 2 : 0, words: `it took ${passes.length} passes` },
    { points: stuck.cut === null ? 0 : 4, words: `it was stuck: ${stuck.cut?.words ?? ''}` },
  ];
}
