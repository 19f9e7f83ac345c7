/** The price table against what the real CLI said its runs cost, against sums done by hand, and against its own age. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClaudeReader } from '../../source/agents/claude-reader.ts';
import { DEFAULT_TIERS } from '../../source/agents/engines.ts';
import { ALIASES, createPricer, PRICES, priceOf, priceRow } from '../../source/agents/prices.ts';
import { costOf, type Price } from '../../source/loop/price.ts';
import { NO_TOKENS, type Tokens } from '../../source/loop/tokens.ts';
import { billOf, linesOf, readAll } from './recordings.ts';

const NOW = Date.UTC(2026, 10, 23);
const DAY_MS = 86_400_000;
const million = { ...NO_TOKENS, output: 1_000_000 };
const near = (found: number | null, wanted: number, what = '') =>
  assert.ok(found !== null && Math.abs(found - wanted) < 1e-9, `${what} ${found} is not ${wanted}`);

for (const [file, usd] of [
  ['claude-success-tool.jsonl', 0.0215355],
  ['claude-subagent.jsonl', 0.02303175],
  ['claude-streamin-two-turns-setmodel.jsonl', 0.057428],
  ['claude-live-background.jsonl', 0.015591],
] as const) {
  test(`${file} costs what claude said it cost`, () => {
    const bill = billOf(readAll(createClaudeReader(), linesOf(file)));
    const sum = Object.entries(bill).reduce((usd, [model, tokens]) => usd + (priceOf(model, tokens) ?? Number.NaN), 0);
    near(sum, usd);
  });
}

/** Worked out with pencil and the vendors' pages. */
const BY_HAND: readonly (readonly [model: string, tokens: Partial<Tokens>, usd: number])[] = [
  // 20k in, 60k written, 900k read, 15k out: a maker's pass. $0.08 + $0.30 + $0.18 + $0.30
  ['claude-opus-5-5', { input: 20_000, cacheWrite: 60_000, cacheRead: 900_000, output: 15_000 }, 0.86],
  // $0.04 + $0.15 + $0.09 + $0.15
  ['claude-sonnet-5-5', { input: 20_000, cacheWrite: 60_000, cacheRead: 900_000, output: 15_000 }, 0.43],
  // The same hour-long: 60k at $4 instead of $2.50.
  ['claude-sonnet-5-5', { cacheWrite: 60_000, cacheWrite1h: 60_000 }, 0.24],
  // 10k for five minutes at $5, 50k for an hour at $8.
  ['claude-opus-5-5', { cacheWrite: 60_000, cacheWrite1h: 50_000 }, 0.45],
  // Exactly 100k of prompt: 6k x $0.10 + 4k x $0.125 + 90k x $0.01 + 1k x $0.50
  ['claude-haiku-5-5', { input: 6_000, cacheWrite: 4_000, cacheRead: 90_000, output: 1_000 }, 0.0025],
  // One more: everything at the long rates. 6k x $0.50 + 4k x $0.625 + 90,001 x $0.05 + 1k x $2.50
  ['claude-haiku-5-5', { input: 6_000, cacheWrite: 4_000, cacheRead: 90_001, output: 1_000 }, 0.01250005],
  // An hour of cache at the long rate is twice the long input: 200k x $1
  ['claude-haiku-5-5', { cacheWrite: 200_000, cacheWrite1h: 200_000 }, 0.2],
  // $0.20 + $0.01 + $0.25 + $0.10
  ['gpt-6.1-sol', { input: 100_000, cacheRead: 100_000, cacheWrite: 0, output: 25_000 }, 0.46],
  // 300k of prompt: 100k x $4 + 200k x $0.20 + 10k x $15
  ['gpt-6.1-sol', { input: 100_000, cacheRead: 200_000, output: 10_000 }, 0.59],
  ['gpt-6-luna', { input: 272_000 }, 0.0272],
  ['gpt-6-luna', { input: 272_001 }, 0.0544002],
  ['gpt-6-astra', { input: 1_000, cacheRead: 10_000, cacheWrite: 2_000, output: 500 }, 0.07],
  // What is written to its cache is input to it: 3k x $1.75
  ['gpt-5.3-codex', { input: 1_000, cacheWrite: 2_000 }, 0.00525],
  ['grok-4.5', { input: 100_000, cacheRead: 99_999, output: 1_000 }, 0.2359997],
  ['grok-4.5', { input: 100_000, cacheRead: 100_000, output: 1_000 }, 0.472],
  ['grok-build-0.1', { input: 50_000, output: 2_000 }, 0.054],
  ['gemini-3.1-pro-preview', { input: 200_000, output: 1_000 }, 0.412],
  ['gemini-3.1-pro-preview', { input: 200_001, output: 1_000 }, 0.818004],
  ['gemini-3.5-flash-lite', { input: 10_000, cacheRead: 100_000, output: 2_000 }, 0.011],
];

for (const [model, tokens, usd] of BY_HAND)
  test(`${model} with ${JSON.stringify(tokens)} costs $${usd}`, () =>
    near(priceOf(model, { ...NO_TOKENS, ...tokens }), usd));

test('a model without a row is unpriced, not free', async () => {
  const pricer = createPricer();
  for (const model of ['no-such-model', '', 'toString', 'claude-sonnet-9-9', 'mock-model', '__proto__']) {
    assert.equal(priceOf(model, million), null, model);
    assert.equal(await pricer.priceOf(model, NOW), null, model);
  }
});

test('aliases, dated ids, context marks and the vendor’s own prefix find their row', () => {
  for (const model of [
    'opus',
    'claude-opus-5-5',
    'claude-opus-5-5-20260922',
    'claude-opus-5-5@20260922',
    'claude-opus-5-5[1m]',
    'opus[1m]',
    'anthropic/claude-opus-5-5',
    'anthropic/claude-opus-5-5-20260922',
  ]) {
    assert.equal(priceOf(model, million), 20, model);
  }
  assert.equal(priceOf('gpt-6.1-sol-2026-09-29', million), 10);
});

test('what only looks like a model is another model', async () => {
  const pricer = createPricer();
  for (const model of [
    'claude-opus-5-5-turbo',
    'my-gpt-6-sol',
    'gpt-6-sol-mini',
    'ollama/gpt-6-sol',
    'anthropic/gpt-6-sol',
    'my-openai-proxy/gpt-6-sol',
    'claude-opus-5-5-2026',
  ]) {
    assert.equal(priceOf(model, million), null, model);
    assert.equal(await pricer.priceOf(model, NOW), null, model);
  }
});

const own: Record<string, Price> = {
  opus: { input: 0, cacheWrite: 0, cacheRead: 0, output: 1, by: 'operator', asOf: null, source: 'contract' },
  'ollama/qwen3': { input: 0, cacheWrite: 0, cacheRead: 0, output: 0, by: 'operator', asOf: null, source: 'mine' },
};

test('an operator’s row goes before ours, and a model of one’s own may cost nothing', () => {
  assert.equal(priceOf('opus', million, own), 1);
  assert.equal(priceRow('opus', own)?.by, 'operator');
  assert.equal(priceOf('ollama/qwen3', million, own), 0);
});

test('a second opinion is asked where we have no row, and only the very same model is one', async () => {
  const pricer = createPricer(own);
  const by = async (model: string) => (await pricer.priceOf(model, NOW))?.by ?? null;
  assert.equal(await by('opus'), 'operator');
  assert.equal(await by('gpt-6-sol'), 'table');
  assert.equal(await by('gpt-5.2'), 'genai-prices');
  assert.equal(await by('openai/gpt-5.2'), 'genai-prices');
  assert.equal(await by('gemini-2.5-pro'), 'genai-prices');
  // genai-prices knows these as another model's names: as `claude-sonnet-5` and `gpt-5.2`.
  assert.equal(await by('claude-sonnet-5-9'), null);
  assert.equal(await by('gpt-5.2-codex'), null);
});

test('a second opinion has the tiers of its model', async () => {
  const price = await createPricer().priceOf('gemini-2.5-pro', NOW);
  assert.ok(price !== null);
  near(costOf(price, { ...NO_TOKENS, input: 100_000, cacheRead: 100_000, output: 1_000 }), 0.1475);
  near(costOf(price, { ...NO_TOKENS, input: 100_000, cacheRead: 100_001, output: 1_000 }), 0.290_000_25);
});

test('more cache reads than input are nothing to a second opinion, as to everybody else', async () => {
  const price = await createPricer().priceOf('gpt-5.2', NOW);
  assert.ok(price !== null);
  near(costOf(price, { ...NO_TOKENS, input: 10, cacheRead: 1_000_000 }), 0.1750175);
});

test('where genai-prices has a row of ours, the two agree', async () => {
  const { secondOpinion } = await import('../../source/agents/prices/second-opinion.ts');
  let compared = 0;
  for (const [model, ours] of Object.entries(PRICES)) {
    const theirs = await secondOpinion(model, new Date(NOW));
    if (theirs === null) continue;
    compared++;
    for (const key of ['input', 'cacheRead', 'cacheWrite', 'output'] as const) {
      near(ours[key], theirs[key], `${model} ${key}`);
      near(ours.long?.rates[key] ?? ours[key], theirs.long?.rates[key] ?? theirs[key], `${model} long ${key}`);
    }
    // It begins some of OpenAI's long rates one token early.
    assert.ok(Math.abs((ours.long?.over ?? 0) - (theirs.long?.over ?? 0)) <= 1, `${model} long`);
  }
  assert.ok(compared >= 18, `${compared}`);
});

test('every tier of the engines that we meter has a price', async () => {
  const pricer = createPricer();
  for (const engine of ['claude', 'codex', 'gemini', 'grok', 'opencode', 'scripted'] as const)
    for (const model of Object.values(DEFAULT_TIERS[engine]))
      assert.equal((await pricer.priceOf(model, NOW))?.by, 'table', model);
});

test('every row says when and where it was read', () => {
  assert.ok(Object.keys(PRICES).length >= 25);
  for (const [model, { asOf, source, by }] of Object.entries(PRICES)) {
    assert.match(asOf ?? '', /^20\d\d-\d\d-\d\d$/, model);
    assert.ok(source.length > 3, model);
    assert.equal(by, 'table');
  }
  for (const model of Object.values(ALIASES)) assert.ok(model in PRICES, model);
});

test('no row is older than half a year: read it again at its source and date it anew', () => {
  const old = Object.entries(PRICES)
    .filter(([, { asOf }]) => Date.now() - Date.parse(asOf ?? '') > 180 * DAY_MS)
    .map(([model, { asOf, source }]) => `${model}: read ${asOf} from ${source}`);
  assert.deepEqual(old, []);
});

test('no row comes from the future', () => {
  for (const [model, { asOf }] of Object.entries(PRICES))
    assert.ok(Date.parse(asOf ?? '') <= Date.now() + DAY_MS, model);
});
