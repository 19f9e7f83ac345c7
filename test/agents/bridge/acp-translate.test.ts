/** What the translator makes of recorded ACP agents, and of what the recordings do not hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTranslator } from '../../../source/agents/bridge/acp/translate.ts';
import { object, parseObject } from '../../../source/agents/json.ts';
import type { AgentEvent } from '../../../source/loop/agent-event.ts';
import { billOf, linesOf, recordingsOf } from '../recordings.ts';

function replay(lines: readonly string[]): AgentEvent[] {
  const translator = createTranslator();
  return lines.flatMap((line) => translator.read(object(parseObject(line))));
}
const eventsOf = (name: string) => replay(linesOf(`acp-${name}.jsonl`));
const of = <T extends AgentEvent['type']>(events: AgentEvent[], type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

for (const { file } of recordingsOf('acp')) {
  test(`${file} ends every turn as done, and no line of it is unknown`, () => {
    const events = replay(linesOf(file));
    const turns = file.includes('grok') || file.includes('opencode') ? 2 : 1;
    assert.deepEqual(
      of(events, 'ended').map(({ outcome }) => outcome),
      Array(turns).fill('done'),
    );
    assert.deepEqual(of(events, 'unknown'), []);
    assert.ok(
      events.every((event) => Object.values(event).every((value) => typeof value !== 'string' || value.length <= 4000)),
    );
    assert.deepEqual(replay(linesOf(file)), events);
  });

  test(`${file} tells its call and its result once, and its words whole`, () => {
    const events = replay(linesOf(file));
    const acted = of(events, 'acted');
    assert.equal(acted[0]?.input, 'echo hi > out.txt');
    assert.deepEqual(
      of(events, 'observed').map(({ id, ok }) => [id, ok]),
      acted.map(({ id }) => [id, true]),
    );
    assert.equal(new Set(acted.map(({ id }) => id)).size, acted.length);
    const words = of(events, 'said').map(({ text }) => text);
    assert.deepEqual(words.slice(0, 2), ['I will write out.txt.', 'Wrote out.txt.']);
    assert.match(of(events, 'thought')[0]?.text ?? '', /I should write the file\.$/);
  });
}

const tokens = (input: number, cacheRead: number, output: number, reasoning: number) => ({
  input,
  cacheRead,
  cacheWrite: 0,
  output,
  reasoning,
});

test('grok is billed per response and hides nothing', () => {
  const events = eventsOf('grok');
  const turn = tokens(2611, 40_100, 81, 10);
  assert.deepEqual(billOf(events), { 'mock-model': turn, 'mock-strong': turn });
  assert.deepEqual(of(events, 'hidden'), []);
  assert.deepEqual(
    of(events, 'started').map(({ model }) => model),
    ['mock-model', 'mock-strong'],
  );
});

test('gemini tells sums, and that something is hidden', () => {
  const events = eventsOf('gemini');
  assert.deepEqual(billOf(events), { 'gemini-3.1-pro-preview': tokens(42_711, 0, 71, 0) });
  assert.equal(of(events, 'hidden').length, 1);
});

test('opencode tells the last message of a turn, and that the rest is hidden; how full the context is counts for nothing', () => {
  const events = eventsOf('opencode');
  assert.deepEqual(billOf(events), {
    'mock/mock-model': tokens(1311, 20_100, 41, 5),
    'mock/mock-strong': tokens(1311, 20_100, 41, 5),
  });
  assert.equal(of(events, 'hidden').length, 1);
});

test('an agent that tells nothing hides everything', () => {
  assert.deepEqual(billOf(eventsOf('claude-old')), {});
  assert.match(of(eventsOf('claude-old'), 'hidden')[0]?.what ?? '', /^everything/);
});

/** The bill of one answer of an agent that is none of those that were recorded. */
function billed(result: object): Record<string, unknown> {
  const translator = createTranslator();
  translator.model = 'm';
  return billOf(translator.read({ jsonrpc: '2.0', id: 3, result: { stopReason: 'end_turn', ...result } }));
}

test('whether input holds the cache, and output the thoughts, is read off the total', () => {
  const apart = {
    inputTokens: 10,
    cachedReadTokens: 100,
    cachedWriteTokens: 5,
    outputTokens: 7,
    thoughtTokens: 3,
    totalTokens: 125,
  };
  const m = { input: 10, cacheRead: 100, cacheWrite: 5, output: 10, reasoning: 3 };
  assert.deepEqual(billed({ usage: apart }), { m });
  const inside = {
    inputTokens: 110,
    cachedInputTokens: 100,
    outputTokens: 10,
    reasoningOutputTokens: 3,
    totalTokens: 120,
  };
  const rows = [{ model: 'n', token_count: inside }];
  assert.deepEqual(billed({ _meta: { quota: { model_usage: rows } } }), {
    n: { input: 10, cacheRead: 100, cacheWrite: 0, output: 10, reasoning: 3 },
  });
});

test('all models of a turn are billed, whatever the usage of its main loop says', () => {
  const row = (model: string) => ({ model, token_count: { totalTokens: 3, inputTokens: 1, outputTokens: 2 } });
  const bill = billed({
    usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
    _meta: { quota: { model_usage: [row('a'), row('b')] } },
  });
  assert.deepEqual(Object.keys(bill), ['a', 'b']);
});

test('a grok turn that fails is billed from its error', () => {
  const translator = createTranslator();
  const modelUsage = { m: { inputTokens: 21_300, cachedReadTokens: 20_000, outputTokens: 40, reasoningTokens: 5 } };
  const error = {
    code: -32603,
    message: 'Internal error',
    data: { message: 'API error', http_status: 503, promptUsage: { modelUsage } },
  };
  const events = translator.read({ jsonrpc: '2.0', id: 3, error }, 'session/prompt');
  assert.deepEqual(billOf(events), { m: tokens(1300, 20_000, 40, 5) });
  assert.deepEqual(
    of(events, 'limited').map(({ why }) => why),
    ['overloaded'],
  );
  assert.equal(of(events, 'ended')[0]?.outcome, 'api-error');
});

test('a long text is told by its paragraphs, and nothing of it is lost', () => {
  const translator = createTranslator();
  const chunk = (text: string) =>
    translator.read({
      method: 'session/update',
      params: { update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } } },
    });
  const events = [
    ...['One.\n', '\nTwo', '.\n\nThr'].flatMap(chunk),
    ...translator.read({ id: 1, result: { stopReason: 'end_turn' } }),
  ];
  assert.deepEqual(
    of(events, 'said').map(({ text }) => text),
    ['One.', 'Two.', 'Thr'],
  );
});

test('what comes of a call after its result says nothing new', () => {
  const translator = createTranslator();
  const tell = (update: object) =>
    translator.read({ method: 'session/update', params: { update: { toolCallId: 't', ...update } } });
  tell({ sessionUpdate: 'tool_call', kind: 'execute', title: 'ls', status: 'in_progress' });
  assert.equal(tell({ sessionUpdate: 'tool_call_update', status: 'completed' }).length, 1);
  assert.deepEqual(tell({ sessionUpdate: 'tool_call_update', status: 'completed', title: 'ls again' }), []);
});

test('no message makes it throw, and an update that nobody knows is kept', () => {
  const messages = recordingsOf('acp')
    .flatMap(({ file }) => linesOf(file))
    .map((line) => object(parseObject(line)));
  const wild = fc.tuple(fc.constantFrom(...messages), fc.jsonValue()).map(([message, value]) => ({
    ...message,
    params: {
      ...object(message.params),
      update: { ...object(object(message.params).update), ...object(value), content: value },
    },
  }));
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(wild, fc.dictionary(fc.constantFrom('method', 'result', 'error', 'params', 'id'), fc.jsonValue())),
      ),
      (some) => {
        const translator = createTranslator();
        for (const message of some) translator.read(message, 'session/prompt');
      },
    ),
    { numRuns: 200 },
  );
  const events = createTranslator().read({
    method: 'session/update',
    params: { update: { sessionUpdate: 'hologram' } },
  });
  assert.equal(events[0]?.type, 'unknown');
});
