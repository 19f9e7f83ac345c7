/** Runs that get nowhere from pass to pass. */
import { metricGate } from '../../made-loop.ts';
import type { Kind } from '../kinds.ts';
import { bash, edit, fails, pass, read, type Step, stuck, type Trace } from '../trace.ts';

const up = { gates: [metricGate({ id: 'unit', min: 0.97 })] };
const down = { gates: [metricGate({ id: 'unit', max: 0 })] };

const work = (k: Kind, n: number): Step[] => [
  read(k.source, `text ${n}`),
  edit(k.source, `old ${n}`, `new ${n}`),
  fails(k.test, k.failing('adds up', n)),
];

export const stuckBetween = (k: Kind): Trace[] => [
  stuck(
    `${k.name}: one test red for one reason, whatever is changed`,
    ['same-failure'],
    [...[0, 1, 2, 3, 4].map((n) => pass(work(k, n), k.failing('adds up', n)))],
  ),
  stuck(
    `${k.name}: an edit undone by the next pass, and made again`,
    ['revert'],
    [
      ...[0, 1, 2, 3, 4, 5].map((n) =>
        pass(work(k, n), k.failing(n % 2 ? 'adds up' : 'subtracts', n), { tree: n % 2 ? 'without' : 'with' }),
      ),
    ],
  ),
  stuck(
    `${k.name}: reads, explains, changes nothing`,
    ['no-diff'],
    [
      ...[0, 1, 2, 3].map((n) =>
        pass([read(k.source), read(k.spec)], k.failing(`case ${n}`, n), { tree: 'as it was' }),
      ),
    ],
  ),
  stuck(
    `${k.name}: done, it says, and the same two tests are red in turns`,
    ['false-done'],
    [
      ...[0, 1, 2, 3, 4].map((n) =>
        pass(work(k, n), k.failing(n % 2 ? 'adds up' : 'subtracts', n), {
          last: 'All tests pass now, the work is done.',
        }),
      ),
    ],
  ),
];

const look = (value: number) => `similarity ${value}`;
const measured = (values: readonly number[], definition: Trace['definition'], name: string): Trace =>
  stuck(
    name,
    ['no-improvement'],
    values.map((value, n) => pass([edit('a.css', `${n}`, `${n + 1}`)], look(value), { value })),
    definition ? { definition } : {},
  );

export const stuckBetweenAnywhere: readonly Trace[] = [
  stuck(
    'the type checker says the same after each pass',
    ['same-failure'],
    [
      ...[0, 1, 2, 3].map((n) =>
        pass(
          [edit('a.ts', `${n}`, `${n + 1}`)],
          `src/a.ts(${n + 3},5): error TS2322: Type 'string' is not assignable to type 'number'.`,
        ),
      ),
    ],
  ),
  stuck(
    'a missing module, for ever',
    ['same-failure'],
    [
      ...[0, 1, 2, 3].map((n) =>
        pass([bash(`ls ${n}`, `${n}`)], "Error: Cannot find module 'left-pad'\n    at /tmp/x/a.js:1:1"),
      ),
    ],
  ),
  stuck(
    'three ways in turn, and from the beginning',
    ['revert'],
    [
      ...['a', 'b', 'c', 'a', 'b', 'c'].map((tree, n) =>
        pass([edit('a.ts', `${n}`, tree)], `not ok 1 - way ${tree} ${n}`, { tree }),
      ),
    ],
  ),
  stuck(
    'takes back everything, then does it again',
    ['revert'],
    [
      ...['work', 'none', 'work', 'none'].map((tree, n) =>
        pass([edit('a.ts', `${n}`, tree)], `not ok ${n} - ${tree}`, { tree }),
      ),
    ],
  ),
  stuck(
    'argues that the gate is wrong',
    ['no-diff', 'same-failure'],
    [
      ...[0, 1, 2, 3].map(() =>
        pass([read('gate.sh')], 'exit 1: lint has 3 warnings', {
          tree: 'same',
          last: 'The gate is wrong, nothing to change.',
        }),
      ),
    ],
  ),
  stuck(
    'changes what the ignore file hides',
    ['no-diff'],
    [...[0, 1, 2, 3].map((n) => pass([bash(`touch dist/${n}`, '')], `not ok 1 - step ${n}`, { tree: 'same' }))],
  ),
  stuck(
    'done, over and over, with the same red lint',
    ['false-done', 'same-failure'],
    [
      ...[0, 1, 2, 3].map((n) =>
        pass([edit('a.ts', `${n}`, `${n + 1}`)], 'a.ts: error no-unused-vars', { last: 'Done. All gates pass.' }),
      ),
    ],
  ),
  stuck(
    'claims, with three failures that take turns',
    ['false-done'],
    [
      ...['a', 'b', 'c', 'a', 'b', 'c', 'a'].map((name, n) =>
        pass([edit('a.ts', `${n}`, `${n + 1}`)], `not ok 1 - ${name} works`, { last: 'Everything passes, completed.' }),
      ),
    ],
  ),
  measured([0.81, 0.81, 0.81, 0.81, 0.81], up, 'a picture that gets no closer'),
  measured([0.81, 0.79, 0.8, 0.81, 0.78], up, 'a picture that wavers below its best'),
  measured([40, 38, 38, 39, 41], down, 'warnings that no longer get fewer'),
  measured([0.9, 0.88, 0.86, 0.84], up, 'a picture that gets worse'),
  measured(
    [0.81, 0.8101, 0.8102, 0.8103, 0.8104],
    { ...up, stuck: { 'no-improvement': { minDelta: 0.002 } } },
    'gains too small to count',
  ),
];
