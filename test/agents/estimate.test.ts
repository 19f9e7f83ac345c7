/** The token estimate, with the real worker. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { get_encoding } from 'tiktoken';
import { createEstimator } from '../../source/agents/estimate.ts';

test('texts of one batch share its tokens, within 2 % of the whole text', async () => {
  const text = readFileSync(new URL('../../source/agents/claude-reader.ts', import.meta.url), 'utf8');
  const encoding = get_encoding('o200k_base');
  const whole = encoding.encode_ordinary(text).length;
  encoding.free();
  const estimator = createEstimator();
  const lines = text.split('\n').map((line) => estimator.count(line));
  const counts = await Promise.all(lines);
  await estimator.close();
  const sum = counts.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - whole) / whole < 0.02, `${sum} of ${whole}`);
  assert.ok(counts.every((count) => Number.isInteger(count) && count >= 0));
});

test('a text alone is answered though no batch is full, and an empty one is nothing', async () => {
  const estimator = createEstimator();
  assert.equal(await estimator.count(''), 0);
  assert.equal(await estimator.count('hello world'), 2);
  await estimator.close();
});

test('a megabyte without a space, or of spaces, takes no minute', async () => {
  const estimator = createEstimator();
  const began = performance.now();
  const [word, blank] = await Promise.all([estimator.count('a'.repeat(1e6)), estimator.count(' '.repeat(1e6))]);
  await estimator.close();
  // Unbroken it would be five minutes; what is left is the load of the machine.
  assert.ok(performance.now() - began < 30_000);
  assert.ok(word > 50_000, String(word));
  assert.ok(blank >= 0);
});

test('closing answers what was asked and refuses more', async () => {
  const estimator = createEstimator();
  const asked = estimator.count('one two three');
  await estimator.close();
  assert.equal(await asked, 3);
  await assert.rejects(estimator.count('four'), /closed/);
});

test('an estimator that was never asked starts no worker', async () => {
  const began = performance.now();
  await createEstimator().close();
  assert.ok(performance.now() - began < 50);
});
