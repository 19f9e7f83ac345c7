/** Every API of the mock provider through the wire, streamed and at once: the meter equals the provider's ledger to the token. */
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { test } from 'node:test';
import type { AnswerReader } from '../../../source/supervisor/wire/dialect.ts';
import { anthropic } from '../../../source/supervisor/wire/dialects/anthropic.ts';
import { chat } from '../../../source/supervisor/wire/dialects/chat.ts';
import { gemini } from '../../../source/supervisor/wire/dialects/gemini.ts';
import { responses } from '../../../source/supervisor/wire/dialects/responses.ts';
import { ask, Scene } from './scene.ts';

type CreateMock = () => Server;

const MOCK = '../../fixtures/mock-llm/mock-llm.mjs';
const { createMock } = (await import(MOCK)) as { readonly createMock: CreateMock };

const PROMPT = 'Do it. [[mock:tool-ok]]';
const tools = [{ name: 'Bash', input_schema: { type: 'object', properties: { command: { type: 'string' } } } }];
const CALLS = [
  {
    name: 'anthropic',
    path: '/anthropic/v1/messages',
    body: { max_tokens: 900, tools, messages: [{ role: 'user', content: PROMPT }] },
  },
  { name: 'responses', path: '/openai/responses', body: { tools: [{ type: 'function', ...tools[0] }], input: PROMPT } },
  {
    name: 'chat',
    path: '/xai/chat/completions',
    body: { tools: [{ type: 'function', function: tools[0] }], messages: [{ role: 'user', content: PROMPT }] },
  },
] as const;

test('what the mock provider billed is what the meter says, in every dialect', async () => {
  await using scene = await Scene.set({ provider: createMock() });
  const key = { authorization: 'Bearer account', 'x-goog-api-key': 'account' };
  for (const { name, path, body } of CALLS) {
    for (const stream of [true, false]) {
      const said = await scene.ask(path, { model: `m-${name}`, stream, ...body }, { headers: key }).said;
      assert.equal(said.status, 200, said.body.toString());
    }
  }
  const declared = [{ functionDeclarations: [{ name: 'run_shell_command', parameters: tools[0]?.input_schema }] }];
  const contents = [{ role: 'user', parts: [{ text: PROMPT }] }];
  for (const method of ['streamGenerateContent?alt=sse', 'generateContent']) {
    const path = `/google/v1beta/models/m-gemini:${method}`;
    assert.equal((await scene.ask(path, { contents, tools: declared }, { headers: key }).said).status, 200);
  }
  await scene.until(() => scene.closings().length === 8, 'eight bills');
  const ledger = await ask(`${scene.origin}/_mock/ledger`, null, {}, 'GET').said;
  const { models } = JSON.parse(ledger.body.toString()).account;
  for (const [model, row] of Object.entries<Record<string, number>>(models)) {
    const tokens = scene.runOf().meter.perModel[model]?.tokens ?? assert.fail(`${model} was not metered`);
    // Only Anthropic tells cache writes apart from the rest of the prompt.
    const apart = model === 'm-anthropic' ? row.cacheWrite : 0;
    const { requests: _two, input = 0, cacheWrite = 0, reasoning = 0, ...rest } = row;
    assert.deepEqual(tokens, {
      ...rest,
      input: input + cacheWrite - (apart ?? 0),
      cacheWrite: apart,
      reasoning: model === 'm-anthropic' ? 0 : reasoning,
    });
  }
  assert.equal(Object.keys(models).length, 4);
  assert.equal(scene.runOf().provenance, 'exact');
});

const seen = (reader: AnswerReader, ...values: readonly Record<string, unknown>[]) => {
  for (const value of values) reader.read(value);
  return reader.seen;
};

test('xAI counts reasoning apart from what it calls completion: the total tells', () => {
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 115,
    completion_tokens_details: { reasoning_tokens: 100 },
  };
  const { tokens, final } = seen(chat.answer(), { choices: [{ finish_reason: 'stop', delta: {} }], usage });
  assert.deepEqual([tokens?.output, tokens?.reasoning, final], [105, 100, true]);
});

test('a running total in every piece is a bill only when the answer is finished', () => {
  const piece = (finish: string | null, n: number) => ({
    choices: [{ finish_reason: finish, delta: { content: 'x' } }],
    usage: { prompt_tokens: 10, completion_tokens: n },
  });
  assert.equal(seen(chat.answer(), piece(null, 1)).final, false);
  assert.deepEqual([seen(chat.answer(), piece(null, 1), piece('stop', 2)).tokens?.output, true], [2, true]);
});

test('OpenAI: of a failed answer the bill counts, of one under way only what was seen', () => {
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
    output_tokens: 7,
  };
  const failed = seen(responses.answer(), { type: 'response.failed', response: { model: 'g', usage } });
  assert.deepEqual(failed.tokens, { input: 30, cacheRead: 60, cacheWrite: 10, output: 7, reasoning: 0 });
  const open = seen(
    responses.answer(),
    { type: 'response.created', response: { model: 'g', usage: null } },
    { type: 'response.output_text.delta', delta: 'fünf' },
  );
  assert.deepEqual(open, { tokens: null, model: 'g', final: false, written: 5 });
});

test('Anthropic: what a compaction on the server cost is in the bill', () => {
  const part = (input: number, output: number) => ({ input_tokens: input, output_tokens: output });
  const { tokens } = seen(
    anthropic.answer(),
    { type: 'message_start', message: { model: 'c', usage: part(10, 1) } },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { ...part(10, 5), iterations: [part(900, 80), part(10, 5)] },
    },
  );
  assert.deepEqual([tokens?.input, tokens?.output], [910, 85]);
});

test('Gemini: an array that is streamed, thoughts apart, a prompt of tools, and the envelope of Code Assist', () => {
  const usageMetadata = {
    promptTokenCount: 100,
    toolUsePromptTokenCount: 5,
    cachedContentTokenCount: 40,
    candidatesTokenCount: 6,
    thoughtsTokenCount: 9,
  };
  const piece = { candidates: [{ finishReason: 'STOP' }], modelVersion: 'g', usageMetadata };
  const expected = { input: 65, cacheRead: 40, cacheWrite: 0, output: 15, reasoning: 9 };
  assert.deepEqual(seen(gemini.answer(), piece), { tokens: expected, model: 'g', final: true, written: 0 });
  assert.deepEqual(seen(gemini.answer(), { response: piece }).tokens, expected);
  assert.equal(seen(gemini.answer(), { usageMetadata }).final, false);
  const wrapped = gemini.ask(
    { model: 'g', request: { generationConfig: { maxOutputTokens: 9 } } },
    '/v1internal:streamGenerateContent',
  );
  assert.deepEqual(
    [wrapped.model, wrapped.maxOutput, wrapped.at.maxOutput],
    ['g', 9, ['request', 'generationConfig', 'maxOutputTokens']],
  );
});
