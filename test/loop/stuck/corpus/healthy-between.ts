/** Runs that come closer from pass to pass, some of them by a detour. */
import { metricGate } from '../../made-loop.ts';
import type { Kind } from '../kinds.ts';
import { edit, fails, green, healthy, pass, read, type Step, type Trace } from '../trace.ts';

const up = { definition: { gates: [metricGate({ id: 'unit', min: 0.97 })] } };
const down = { definition: { gates: [metricGate({ id: 'unit', max: 0 })] } };

const work = (k: Kind, n: number): Step[] => [
  read(k.source, `text ${n}`),
  edit(k.source, `old ${n}`, `new ${n}`),
  fails(k.test, k.failing('adds up', n)),
];
const done = { last: 'All tests pass now, the work is done.' };

export const healthyBetween = (k: Kind): Trace[] => [
  healthy(`${k.name}: one failure after the other is fixed`, [
    ...['reads', 'writes', 'retries', 'drains'].map((name, n) => pass(work(k, n), k.failing(name, n))),
    green(work(k, 9)),
  ]),
  healthy(`${k.name}: the same failure twice, then green`, [
    ...[0, 1].map((n) => pass(work(k, n), k.failing('adds up', n))),
    green(work(k, 9)),
  ]),
  healthy(`${k.name}: calls it done too early, and each time less is red`, [
    ...['reads', 'writes', 'retries', 'drains'].map((name, n) => pass(work(k, n), k.failing(name, n), done)),
    green(work(k, 9)),
  ]),
  healthy(`${k.name}: done twice over one failure, then right`, [
    pass(work(k, 0), k.failing('reads', 0), done),
    pass(work(k, 1), k.failing('adds up', 1), done),
    green(work(k, 9)),
  ]),
  healthy(`${k.name}: green at once`, [green([...work(k, 0), read(k.spec)])]),
  healthy(`${k.name}: an old failure comes back once`, [
    pass(work(k, 0), k.failing('reads', 0)),
    pass(work(k, 1), k.failing('writes', 1)),
    pass(work(k, 2), k.failing('reads', 2)),
    green(work(k, 9)),
  ]),
];

const look = (values: readonly number[], name: string, definition: Pick<Trace, 'definition'>): Trace =>
  healthy(
    name,
    [...values.map((value, n) => pass([edit('a.css', `${n}`, `${n + 1}`)], `measured ${value}`, { value })), green([])],
    definition,
  );

export const healthyBetweenAnywhere: readonly Trace[] = [
  look([0.6, 0.7, 0.8, 0.85, 0.9, 0.93], 'a picture that gets closer', up),
  look([0.6, 0.7, 0.68, 0.72, 0.71, 0.8], 'a picture that gets closer with setbacks', up),
  look([0.9, 0.901, 0.902, 0.903, 0.904], 'a picture that creeps closer', up),
  look([40, 31, 22, 13, 4], 'warnings that get fewer', down),
  look([40, 40, 31, 31, 22], 'warnings that get fewer every other pass', down),
  healthy('one pass only looks, the next one acts', [
    pass([edit('a.ts', '1', '2')], 'not ok 1 - a', { tree: 't1' }),
    pass([read('a.ts')], 'not ok 1 - b', { tree: 't1' }),
    pass([edit('a.ts', '2', '3')], 'not ok 1 - c', { tree: 't2' }),
    green([]),
  ]),
  healthy('goes back once and takes a third way', [
    pass([edit('a.ts', '1', '2')], 'not ok 1 - a', { tree: 'first' }),
    pass([edit('a.ts', '2', '3')], 'not ok 1 - b', { tree: 'second' }),
    pass([edit('a.ts', '3', '2')], 'not ok 1 - a again', { tree: 'first' }),
    pass([edit('b.ts', '1', '2')], 'not ok 1 - d', { tree: 'third' }),
    green([]),
  ]),
  healthy('types, then lint, then tests', [
    pass([edit('a.ts', '1', '2')], 'a.ts(3,5): error TS2322: no'),
    pass([edit('a.ts', '2', '3')], 'a.ts: error no-unused-vars'),
    pass([edit('a.ts', '3', '4')], 'not ok 1 - adds up'),
    green([]),
  ]),
  healthy('fewer and fewer compile errors', [
    ...[5, 4, 3, 2, 1].map((n) =>
      pass(
        [edit('a.ts', `${n}`, `${n - 1}`)],
        [...Array(n).keys()].map((i) => `src/f${i}.ts(1,1): error TS2304: Cannot find name 'x${i}'.`).join('\n'),
      ),
    ),
    green([]),
  ]),
  healthy('eight passes, eight different things', [
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, n) =>
      pass([edit(`${name}.ts`, `${n}`, name)], `not ok 1 - ${name}`),
    ),
    green([]),
  ]),
];
