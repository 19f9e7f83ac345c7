/** What the meter makes of reported usage: a price where there is one, and word of whose price it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineOf } from '../../../source/agents/engines.ts';
import { createPricer, type Pricer } from '../../../source/agents/prices.ts';
import type { AgentEvent } from '../../../source/loop/agent-event.ts';
import { emptyFleet, fold } from '../../../source/loop/fold.ts';
import type { Price } from '../../../source/loop/price.ts';
import { NO_TOKENS } from '../../../source/loop/tokens.ts';
import { createMeter } from '../../../source/supervisor/meter/meter.ts';
import { readPrices } from '../../../source/supervisor/meter/read-prices.ts';
import { folded, madeLoop } from '../../loop/made-loop.ts';

const scripted = engineOf('scripted') ?? assert.fail('no scripted engine');

const usage = (key: string, model: string, output: number): AgentEvent => ({
  type: 'usage',
  key,
  model,
  tokens: { ...NO_TOKENS, output },
  final: true,
});

async function heard(pricer: Pricer, events: readonly AgentEvent[]) {
  const charged: [string, Price['by'] | null][] = [];
  const said: string[] = [];
  const meter = createMeter(pricer, {
    charged: (model, price) => charged.push([model, price?.by ?? null]),
    log: (text) => said.push(text),
  });
  const priced = await meter.forAgent(scripted, '').price(events);
  await meter.close();
  return { charged, said, usd: priced.map((event) => (event.type === 'usage' ? event.usd : null)) };
}

test('each response is priced, and each model’s price is told once', async () => {
  const own: Price = { input: 0, cacheRead: 0, cacheWrite: 0, output: 1, by: 'operator', asOf: null, source: 'mine' };
  const { charged, usd } = await heard(createPricer({ mine: own }), [
    usage('a', 'sonnet', 100_000),
    usage('b', 'mine', 1_000_000),
    usage('c', 'sonnet', 200_000),
    usage('d', 'gpt-5.2', 1_000_000),
    usage('e', 'no-such-model', 1_000_000),
    { type: 'said', text: 'done' },
  ]);
  assert.deepEqual(usd, [1, 1, 2, 14, null, null]);
  assert.deepEqual(charged, [
    ['sonnet', 'table'],
    ['mine', 'operator'],
    ['gpt-5.2', 'genai-prices'],
    ['no-such-model', null],
  ]);
});

test('a price that cannot be looked up leaves the response unpriced, and says why', async () => {
  const broken: Pricer = { row: () => null, priceOf: () => Promise.reject(new Error('no package')) };
  const { usd, said } = await heard(broken, [usage('a', 'x', 1)]);
  assert.deepEqual(usd, [null]);
  assert.deepEqual(said, ['the price of x could not be looked up: Error: no package']);
});

test('the state knows what every model costs that a loop names, its ladder’s too, and is told nothing twice', async () => {
  const tiers = { scripted: { standard: 'scripted-standard', strong: 'scripted-strong' } };
  const state = folded([
    { type: 'settings-read', settings: { ...emptyFleet().settings, tiers } },
    { type: 'loop-read', name: 'fix', path: 'loops/fix.md', trusted: true, definition: madeLoop(), problems: [] },
  ]);
  const [event] = await readPrices(state, createPricer(), 0);
  assert.equal(event?.type, 'prices-read');
  const after = fold(state, { seq: 9, at: 0, day: '2026-11-23', event });
  assert.deepEqual(Object.keys(after.prices).sort(), ['scripted-standard', 'scripted-strong']);
  assert.equal(after.prices['scripted-strong']?.output, 20);
  assert.deepEqual(await readPrices(JSON.parse(JSON.stringify(after)), createPricer(), 0), []);
});
