/** `fan-out` and `budget.per-item` in a loop file: what they default to, and what makes no sense. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLoop } from '../../../source/loop/definition/parse.ts';
import { formatProblem } from '../../../source/loop/definition/problem.ts';
import { LEGAL, loop } from './loops.ts';

const read = (...lines: readonly string[]) => parseLoop(loop([...LEGAL, ...lines]), 'loops/green.md');

function defined(...lines: readonly string[]) {
  const { definition, problems, warnings } = read(...lines);
  assert.deepEqual([...problems, ...warnings].map(formatProblem), []);
  return definition ?? assert.fail();
}

test('a fan-out with a command of its own lists all items at every firing, three at once, twenty at most', () => {
  const { fanOut, discover, concurrency } = defined('fan-out: { run: ls, key: name }');
  const perItem = { tokens: 400_000, usd: 5, wallMs: 2_700_000, passes: 8 };
  assert.deepEqual(fanOut, {
    ...{ remembers: false, maxItems: 20, maxParallel: 3, pilot: 0, order: 'listed', merge: 'none' },
    ...{ onItemFailure: 'skip', stopWhen: null, perItem },
  });
  assert.deepEqual(discover, {
    ...{ run: 'ls', key: 'name', changedBy: [], limit: 20, forgetAfterMs: 1, trust: 'untrusted' },
  });
  assert.deepEqual(concurrency, { max: 3 });
});

test('over discover it takes what that finds new, within both limits', () => {
  const lines = [
    'discover: { run: ls, key: id, limit: 7, trust: trusted }',
    'fan-out: { over: discover, max-items: 9 }',
  ];
  const { fanOut, discover } = defined(...lines);
  assert.equal(fanOut?.remembers, true);
  assert.deepEqual([discover?.limit, discover?.trust, discover?.key], [7, 'trusted', 'id']);
  assert.equal(defined('discover: { run: ls, key: id }', 'fan-out: { max-items: 90 }').discover?.limit, 90);
});

test('every other key, and a limit on the runs of the loop that the file has beside it', () => {
  const { fanOut, concurrency } = defined(
    'fan-out: { run: ls, key: a, max-items: 500, max-parallel: 20, pilot: 2, order: smallest-first, merge: queue, on-item-failure: stop, stop-when: { failure-rate: 0.3 } }',
    'concurrency: { max: 4 }',
  );
  assert.deepEqual(
    [fanOut?.maxItems, fanOut?.maxParallel, fanOut?.pilot, fanOut?.order, fanOut?.merge, fanOut?.onItemFailure],
    [500, 20, 2, 'smallest-first', 'queue', 'stop'],
  );
  assert.deepEqual(fanOut?.stopWhen, { failureRate: 0.3, after: 5 });
  assert.equal(concurrency.max, 4);
});

test('budget is that of all items, per-item that of one; unsaid time and passes are enough for all', () => {
  const fan = 'fan-out: { run: ls, key: a, max-items: 10 }';
  const some = defined(fan, 'budget: { tokens: 2M, usd: 20, per-item: { tokens: 100k, wall: 10m, passes: 3 } }');
  assert.deepEqual(some.budget, { tokens: 2_000_000, usd: 20, wallMs: 6_000_000, passes: 30 });
  assert.deepEqual(some.fanOut?.perItem, { tokens: 100_000, usd: 20, wallMs: 600_000, passes: 3 });
  const said = defined(fan, 'budget: { wall: 2h, passes: 12 }');
  assert.deepEqual([said.budget.wallMs, said.budget.passes], [7_200_000, 12]);
});

test('without a fan-out, caps per item are those of the run, and a cap that they hide is pointed out', () => {
  const { budget, fanOut } = defined(
    'discover: { run: ls, key: id }',
    'budget: { usd: 9, per-item: { tokens: 50k, passes: 2 } }',
  );
  assert.equal(fanOut, null);
  assert.deepEqual(budget, { tokens: 50_000, usd: 9, wallMs: 2_700_000, passes: 2 });
  const { warnings } = read('budget: { usd: 9, per-item: { usd: 1 } }');
  assert.deepEqual(warnings.map(formatProblem), [
    'loops/green.md:6: budget.usd: found 9, is not looked at: without fan-out a run has one item, and the cap of per-item is its cap',
  ]);
});

const MISTAKES: readonly [lines: readonly string[], said: string][] = [
  [
    ['fan-out: { key: a }'],
    '6: fan-out.run: missing, the fan-out needs a command that lists its items, here or in discover',
  ],
  [['fan-out: { run: ls }'], '6: fan-out.key: missing, the field that tells the items of run apart'],
  [
    ['fan-out: { run: ls, key: a }', 'discover: { run: ls, key: a }'],
    '6: fan-out.run: found "ls", discover lists the items already: leave out one of the two',
  ],
  [
    ['fan-out: { run: ls, key: a, over: discover }'],
    '6: fan-out.over: found "discover", run lists the items: leave out one of the two',
  ],
  [
    ['fan-out: { key: b }', 'discover: { run: ls, key: a }'],
    '6: fan-out.key: found "b", expected "a", the key of discover',
  ],
  [
    ['fan-out: {}', 'discover: { run: ls, key: a }', 'agents: { triage: {} }'],
    '6: fan-out: a triage ranks all items in one run: leave it out',
  ],
  [['fan-out: { run: ls, key: a, max-items: 501 }'], '6: fan-out.max-items: found 501, expected at most 500'],
];

for (const [lines, said] of MISTAKES) {
  test(`makes no sense: ${lines.join(' ')}`, () => {
    assert.deepEqual(read(...lines).problems.map(formatProblem), [`loops/green.md:${said}`]);
  });
}
