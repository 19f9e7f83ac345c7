import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutTriage } from '../../../source/loop/spend/triage.ts';
import { CHEAP, cascadeDay, cascadeWorld, STRONG, strongDay } from '../../bench/cascade.ts';

const DAY = { cheap: CHEAP, strong: STRONG, firings: 20, hitRate: 0.1, quiet: 0 };
/** By hand, from the list prices: 20k x $4 + 60k x $5 + 900k x $0.20 + 15k x $20, and the like. */
const PASS = { triage: 0.0019, maker: 0.86, checker: 0.289 };
const near = (a: number, b: number) => Math.abs(a - b) < 1e-6 * b;

test('a cheap look at every firing and the strong model on the hits costs what the arithmetic says', () => {
  const strong = strongDay(DAY);
  assert.equal(strong.worked, 20);
  assert.ok(near(strong.usd, 20 * (PASS.maker + PASS.checker)), `${strong.usd}`);
  const cascade = cascadeDay(DAY);
  assert.equal(cascade.worked, 2);
  assert.ok(near(cascade.triageUsd, 20 * PASS.triage), `${cascade.triageUsd}`);
  assert.ok(near(cascade.usd, 20 * PASS.triage + 2 * (PASS.maker + PASS.checker)), `${cascade.usd}`);
});

test('a look that finds nothing new costs nothing at all', () => {
  const half = cascadeDay({ ...DAY, hitRate: 0, quiet: 0.5 });
  assert.ok(half.unasked >= 9, String(half.unasked));
  assert.ok(near(half.usd, (20 - half.unasked) * PASS.triage), `${half.usd}`);
});

test('the spend says what triage saved: the candidates it kept from the strong model, at what the promoted ones cost', () => {
  const { state } = cascadeWorld(DAY);
  const saved = withoutTriage(state, null) ?? assert.fail();
  assert.ok(near(saved.usd, 20 * PASS.triage));
  assert.ok(near(saved.withoutUsd, 18 * (PASS.maker + PASS.checker)), `${saved.withoutUsd}`);
  // That is the bill of the strong model on every firing, less the one that came.
  assert.ok(near(saved.savedUsd, strongDay(DAY).usd - cascadeDay(DAY).usd), `${saved.savedUsd}`);
  assert.equal(withoutTriage(state, '2027-01-01'), null);
});
