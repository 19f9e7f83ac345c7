/** The meter's memory: long enough for repeated reports, short enough for a long life. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyMeter, provenance, record } from '../../source/loop/meter.ts';
import type { Meter } from '../../source/loop/state.ts';
import { NO_TOKENS } from '../../source/loop/tokens.ts';

const report = (meter: Meter, key: string, output: number, final: boolean, model = 'm'): Meter =>
  record(meter, { type: 'usage', key, model, tokens: { ...NO_TOKENS, output }, usd: 0.01, final });

test('thousands of responses are counted to the token, and the meter stays small', () => {
  let meter = report(emptyMeter, 'left open', 1, false);
  for (let n = 0; n < 3000; n++) {
    meter = report(meter, `msg-${n}`, 1, false);
    meter = report(meter, `msg-${n}`, 7, true);
    // Repeated a little later, as claude does.
    if (n >= 40) meter = report(meter, `msg-${n - 40}`, 7, true);
  }
  assert.equal(meter.total.tokens.output, 1 + 3000 * 7);
  assert.ok(Object.keys(meter.live).length <= 101);
  assert.ok('left open' in meter.live);
  assert.equal(provenance(meter), 'live');
});

test('a response that was open for long is not forgotten with its last bill', () => {
  for (let others = 90; others < 110; others++) {
    let meter = report(emptyMeter, 'slow', 1, false);
    for (let n = 0; n < others; n++) meter = report(meter, `msg-${n}`, 1, true);
    for (let n = 0; n < 3; n++) meter = report(meter, 'slow', 9, true);
    meter = report(report(meter, 'next', 1, true), 'slow', 9, true);
    assert.equal(meter.total.tokens.output, others + 9 + 1);
  }
});

test('keys and models may be named like what every object has', () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    const meter = report(report(emptyMeter, name, 3, false, name), name, 5, true, name);
    assert.equal(meter.total.tokens.output, 5);
    assert.equal(Object.keys(meter.perModel)[0], name);
  }
});
