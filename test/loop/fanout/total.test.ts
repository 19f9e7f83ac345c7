/** Facts about fans in any order and about anything: the fold never throws, and what it makes stays plain and true. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../../source/loop/decide.ts';
import type { Event } from '../../../source/loop/event.ts';
import { tally } from '../../../source/loop/fanout/fans.ts';
import type { RunId } from '../../../source/loop/units.ts';
import { fan, fanLoop, fanWorld, items } from './fleet.ts';

const name = fc.constantFrom('f1', 'f2', 'f9', 'constructor', '__proto__');
const key = fc.constantFrom('i1', 'i2', 'i9', 'constructor');
const budget = { tokens: 1, usd: 1, wallMs: 1, passes: 1 };
const counts = { green: 1, landed: 0, failed: 0, skipped: 0 };

const fact: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ fan: name, key }).map((of) => ({ type: 'fan-item-failed', ...of, why: 'x' }) as const),
  name.map((of) => ({ type: 'fan-piloted', fan: of }) as const),
  name.map((of) => ({ type: 'fan-released', fan: of, by: 'you' }) as const),
  name.map((of) => ({ type: 'fan-stopped', fan: of, why: 'x' }) as const),
  name.map((of) => ({ type: 'fan-budget-raised', fan: of, budget, by: 'you' }) as const),
  name.map((of) => ({ type: 'fan-ended', fan: of, ...counts }) as const),
  name.map(
    (of): Event => ({
      type: 'fanned-out',
      fan: of,
      loop: 'move',
      definition: fanLoop({ pilot: 1 }),
      trust: 'untrusted',
      items: items(3).map((item) => ({ key: item.id, item })),
      by: 'you',
    }),
  ),
  fc.record({ fan: name, key, n: fc.nat(5) }).map(
    ({ fan: id, key: of, n }): Event => ({
      type: 'run-queued',
      run: `move-${n}` as RunId,
      loop: 'move',
      number: n,
      item: null,
      nonce: 'a',
      definition: fanLoop(),
      by: 'f1',
      fan: { id, key: of },
    }),
  ),
  fc.nat(5).map((n) => ({ type: 'run-ended', run: `move-${n}` as RunId, end: { kind: 'killed', by: 'you' } }) as const),
);

test('any facts in any order leave a fan whose items add up', () => {
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 40 }), (facts) => {
      const w = fanWorld();
      w.fire('move', items(3));
      w.happen(...facts);
      decide(w.state, w.now);
      assert.deepEqual(JSON.parse(JSON.stringify(w.state)), w.state);
      const { all, ...each } = tally(w.state, fan(w));
      assert.equal(
        Object.values(each).reduce((sum, count) => sum + count, 0),
        all,
      );
      for (const { state, run } of fan(w).items) assert.equal(state === 'running', run !== null && state === 'running');
    }),
    { numRuns: 200 },
  );
});
