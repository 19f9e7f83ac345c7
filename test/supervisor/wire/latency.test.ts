/** The meter is not felt: what it adds to a piece of a stream stays under two milliseconds. */
import assert from 'node:assert/strict';
import { availableParallelism, loadavg } from 'node:os';
import { test } from 'node:test';
import { latencies } from './latency.ts';

const MOST_MS = 2;

test('a piece of a stream arrives at most 2 ms later for having been counted', async (t) => {
  await latencies(60, 1, 2);
  const { direct, wire } = await latencies(100, 2, 3);
  const added = (of: 'median' | 'p99' | 'work') => wire[of] - direct[of];
  const say = (of: 'median' | 'p99' | 'work') =>
    t.diagnostic(`${of}: ${wire[of].toFixed(2)} ms, direct ${direct[of].toFixed(2)} ms`);
  say('median');
  say('p99');
  say('work');
  // Where others want the processor too, the slowest pieces are those that waited for it: how much work there is tells more.
  assert.ok(added('median') <= MOST_MS);
  assert.ok(added('work') <= MOST_MS);
  if ((loadavg()[0] ?? 0) < availableParallelism() / 2) assert.ok(added('p99') <= MOST_MS);
});
