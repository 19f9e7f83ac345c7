/** Estimates of agents that tell their bill last: they hold caps, and give way to the bill. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { gemini } from '../../../source/agents/gemini.ts';
import { createPricer } from '../../../source/agents/prices.ts';
import type { AgentEvent } from '../../../source/loop/agent-event.ts';
import { emptyMeter, hide, provenance, record, settle } from '../../../source/loop/meter.ts';
import type { Meter } from '../../../source/loop/state.ts';
import { fresh, NO_TOKENS, type Tokens } from '../../../source/loop/tokens.ts';
import { createMeter } from '../../../source/supervisor/meter/meter.ts';
import { untilBilled } from '../../../source/supervisor/meter/until-billed.ts';
import { linesOf } from '../../agents/recordings.ts';

const meter = createMeter(createPricer({}), { charged: () => {}, log: () => {} });
after(() => meter.close());

const PRO = 'gemini-3.1-pro-preview';
const started: AgentEvent = { type: 'started', session: 's', model: PRO };
const said = (text: string): AgentEvent => ({ type: 'said', text });
const acted: AgentEvent = { type: 'acted', id: '1', tool: 'shell', input: 'ls', hash: '' };
const observed = (output: string): AgentEvent => ({ type: 'observed', id: '1', ok: true, output, hash: '' });
type Usage = Extract<AgentEvent, { type: 'usage' }>;
const bill = (tokens: Partial<Tokens>, model = PRO, change: Partial<Usage> = {}): Usage => ({
  type: 'usage',
  key: `bill:${model}`,
  model,
  tokens: { ...NO_TOKENS, ...tokens },
  final: true,
  ...change,
});

const fold = (events: readonly AgentEvent[], from: Meter = emptyMeter): Meter =>
  events.reduce((spent, event) => {
    if (event.type === 'hidden') return hide(spent, event.what);
    return event.type === 'usage' ? record(spent, event) : spent;
  }, from);

/** A token a character: what is charged can be counted by hand. */
const perCharacter = (prompt: string) => untilBilled(prompt, (text) => Promise.resolve(text.length));

async function readAll(live: ReturnType<typeof untilBilled>, events: readonly AgentEvent[]): Promise<AgentEvent[]> {
  const read: AgentEvent[] = [];
  for (const event of events) read.push(...(await live.read([event])));
  return read;
}

test('a recorded run is estimated while it runs, and costs its bill to the token when it is over', async () => {
  const agent = meter.forAgent(gemini, 'Do it. '.repeat(100));
  const reader = gemini.reader();
  let spent = emptyMeter;
  const trust: string[] = [];
  for (const line of linesOf('gemini-tool-fail.jsonl')) {
    const before = fresh(spent.total.tokens);
    spent = fold(await agent.price(reader.read(line)), spent);
    assert.ok(fresh(spent.total.tokens) >= before, 'spend never falls');
    trust.push(provenance(spent));
  }
  spent = fold([...(await agent.price(reader.end(0))), ...(await agent.close())], spent);
  assert.deepEqual([...new Set(trust)], ['unknown', 'estimated', 'exact'], 'nothing, an estimate, the bill');
  const expected = { input: 2611, cacheRead: 40_100, cacheWrite: 0, output: 81, reasoning: 10 };
  assert.deepEqual(spent.total.tokens, expected);
  assert.deepEqual(Object.keys(spent.perModel), [PRO]);
  assert.equal(provenance(settle(spent)), 'exact');
  assert.equal(settle(spent).total.estimated, false);
});

test('the prompt counts when the model has answered, an output when the model has read it, each once', async () => {
  const live = perCharacter('p'.repeat(1000));
  const spent = async (...events: AgentEvent[]) => {
    const usage = (await readAll(live, events)).findLast((event) => event.type === 'usage');
    return usage?.type === 'usage' ? [usage.tokens.input, usage.tokens.output] : null;
  };
  assert.equal(await spent(started), null, 'a request that is refused costs nothing');
  assert.deepEqual(await spent(said('x'.repeat(99))), [750, 75]);
  assert.equal(await spent(acted, observed('o'.repeat(5000))), null);
  assert.deepEqual(await spent(said('x'.repeat(99))), [750 + 3750, 75 + 77]);
});

test('a run that is killed before its bill keeps the estimate, as the lower bound that it is', async () => {
  const spent = fold(await readAll(perCharacter('p'.repeat(1000)), [started, said('x'.repeat(99))]));
  assert.equal(provenance(spent), 'estimated');
  assert.equal(provenance(settle(spent)), 'estimated');
  assert.equal(provenance(settle(hide(spent, 'all of it'))), 'unknown');
});

test('of several bills the largest takes the place of the estimate, even of another model', async () => {
  const events = [bill({ input: 11 }, 'small'), bill({ input: 2000, output: 90 }, 'real'), bill({ input: 3 }, PRO)];
  const live = perCharacter('p'.repeat(1000));
  const spent = fold([...(await readAll(live, [started, said('x'.repeat(99))])), ...(await live.read(events))]);
  assert.deepEqual(
    Object.entries(spent.perModel).map(([model, { tokens }]) => [model, tokens.input, tokens.output]),
    [
      ['small', 11, 0],
      ['real', 2000, 90],
      [PRO, 3, 0],
    ],
  );
  assert.equal(spent.total.tokens.input, 2014);
  assert.equal(provenance(spent), 'exact');
});

test('a bill below the estimate leaves the estimate standing, and the meter says so', async () => {
  const live = perCharacter('p'.repeat(4000));
  const spent = fold(await readAll(live, [started, said('x'.repeat(99)), bill({ input: 2000, output: 90 })]));
  assert.deepEqual([spent.total.tokens.input, spent.total.tokens.output], [3000, 90]);
  assert.equal(provenance(spent), 'estimated');
  assert.equal(provenance(settle(spent)), 'estimated');
});

test('an estimate without a price leaves no mark on a bill that has one', () => {
  const guess = bill({ input: 5 }, 'auto', { key: 'k', usd: null, final: false, estimated: true });
  const priced = bill({ input: 50 }, PRO, { key: 'k', usd: 0.5 });
  assert.equal(fold([guess]).total.unpriced, true);
  assert.deepEqual(
    [fold([guess, priced]).total, Object.keys(fold([guess, priced]).perModel)],
    [{ tokens: { ...NO_TOKENS, input: 50 }, usd: 0.5, unpriced: false, estimated: false }, [PRO]],
  );
  const unpriced = bill({ input: 50 }, 'new', { key: 'k', usd: null });
  assert.equal(fold([{ ...guess, usd: 0.1 }, unpriced]).total.unpriced, true);
});

test('whatever is estimated and billed, spend never falls and the parts add up to the whole', () => {
  const tokens = fc.record({ input: fc.nat(99), cacheRead: fc.nat(99), cacheWrite: fc.nat(99), output: fc.nat(99) });
  const usage = fc.record({
    key: fc.constantFrom('a', 'b'),
    model: fc.constantFrom('m', 'n', '__proto__'),
    tokens: tokens.map((some) => ({ ...some, reasoning: 0 })),
    final: fc.boolean(),
    estimated: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(usage, { maxLength: 12 }), (reports) => {
      let spent = emptyMeter;
      const exact = new Set<string>();
      for (const report of reports) {
        // As engines do: one response is of one model once it is reported, and no estimate follows a report.
        if (exact.has(report.key)) continue;
        if (!report.estimated) exact.add(report.key);
        const next = record(spent, { type: 'usage', ...report });
        assert.ok(fresh(next.total.tokens) >= fresh(spent.total.tokens));
        spent = next;
      }
      const parts = Object.values(spent.perModel).reduce((sum, part) => sum + fresh(part.tokens), 0);
      assert.equal(parts, fresh(spent.total.tokens));
    }),
  );
});
