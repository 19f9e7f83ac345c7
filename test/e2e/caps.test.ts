/** Agents that really ask an API, under a real supervisor, against one cap of the fleet: what the provider bills is the judge. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spendToTheCap } from '../bench/caps.ts';

const PLAN = { agents: 4, cap: 60_000, words: 1500, output: 800, ms: 120 } as const;

test('metered on the wire, a fleet spends not one token beyond its cap, and the meter is the provider’s', async (t) => {
  const { fresh, metered, requests, cut } = await spendToTheCap({ ...PLAN, meter: 'wire' });
  t.diagnostic(`${fresh} of ${PLAN.cap} in ${requests} requests`);
  assert.ok(fresh <= PLAN.cap, `${fresh - PLAN.cap} over`);
  assert.ok(fresh > PLAN.cap / 2, 'it was stopped long before its cap');
  // A run that is stopped has no request under way, or one that is charged as far as it was seen.
  assert.ok(cut > 0 || metered === fresh, `the meter says ${metered}, the provider ${fresh}`);
});

test('metered by events, at most by one response of each agent', async (t) => {
  const { fresh, largest } = await spendToTheCap({ ...PLAN, meter: 'events' });
  t.diagnostic(`${fresh} of ${PLAN.cap}`);
  assert.ok(fresh >= PLAN.cap && fresh <= PLAN.cap + PLAN.agents * largest, `${fresh}`);
});
