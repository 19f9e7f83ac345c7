/** The price table against what the real CLI said its runs cost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClaudeReader } from '../../source/agents/claude-reader.ts';
import { DEFAULT_TIERS } from '../../source/agents/engines.ts';
import { PRICES, priceOf } from '../../source/agents/prices.ts';
import { NO_TOKENS } from '../../source/loop/tokens.ts';
import { billOf, linesOf, readAll } from './recordings.ts';

const million = { ...NO_TOKENS, output: 1_000_000 };

for (const [file, usd] of [
  ['claude-success-tool.jsonl', 0.0215355],
  ['claude-subagent.jsonl', 0.02303175],
  ['claude-streamin-two-turns-setmodel.jsonl', 0.057428],
  ['claude-live-background.jsonl', 0.015591],
] as const) {
  test(`${file} costs what claude said it cost`, () => {
    const bill = billOf(readAll(createClaudeReader(), linesOf(file)));
    const sum = Object.entries(bill).reduce((usd, [model, tokens]) => usd + (priceOf(model, tokens) ?? Number.NaN), 0);
    assert.ok(Math.abs(sum - usd) < 1e-9, `${sum} is not ${usd}`);
  });
}

test('a model without a row is unpriced, not free', () => {
  for (const model of ['no-such-model', '', 'toString', 'claude-sonnet-9-9'])
    assert.equal(priceOf(model, million), null);
});

test('aliases, dated ids and context marks find their row', () => {
  for (const model of ['opus', 'claude-opus-5-5', 'claude-opus-5-5-20260922', 'claude-opus-5-5[1m]', 'opus[1m]']) {
    assert.equal(priceOf(model, million), 20, model);
  }
});

test('a prompt of more than 100k tokens makes every token of haiku dearer', () => {
  assert.equal(priceOf('haiku', { ...NO_TOKENS, cacheRead: 100_000 }), 0.001);
  assert.equal(priceOf('haiku', { ...NO_TOKENS, cacheRead: 100_001 }), (100_001 * 0.05) / 1e6);
});

test('an operator’s row goes before ours', () => {
  const own = { opus: { input: 0, cacheWrite: 0, cacheRead: 0, output: 1, asOf: '2026-11-23', source: 'contract' } };
  assert.equal(priceOf('opus', million, own), 1);
});

test('every tier of the engines that we meter has a price', () => {
  for (const engine of ['claude', 'scripted'] as const) {
    for (const model of Object.values(DEFAULT_TIERS[engine])) assert.notEqual(priceOf(model, million), null, model);
  }
});

test('every row says when and where it was read', () => {
  for (const [model, { asOf, source }] of Object.entries(PRICES)) {
    assert.match(asOf, /^2026-\d\d-\d\d$/, model);
    assert.ok(source.length > 3, model);
  }
});
