/** The small parts: who is asked, which headers travel, what a refusal means. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress, portsFor, tokenOf } from '../../../source/supervisor/wire/address.ts';
import { readCall, rewritten } from '../../../source/supervisor/wire/call.ts';
import { chargeFor, chargeForLost } from '../../../source/supervisor/wire/charge.ts';
import { kindOf } from '../../../source/supervisor/wire/dialect.ts';
import { toClient, toUpstream } from '../../../source/supervisor/wire/headers.ts';
import { limitedBy } from '../../../source/supervisor/wire/limited.ts';
import { createPrompts, partsOf } from '../../../source/supervisor/wire/prompts.ts';
import { meantFor, upstreamOf } from '../../../source/supervisor/wire/upstreams.ts';
import { AGENT } from './scene.ts';

test('an address is a token, an upstream and the rest as it stands', () => {
  const token = tokenOf({ nonce: 'abc' }, AGENT);
  assert.match(token, /^[0-9a-f]{32}$/);
  assert.deepEqual(parseAddress(`/${token}/openai/responses?a=/b`), {
    token,
    upstream: 'openai',
    rest: '/responses?a=/b',
  });
  for (const bad of [
    '/',
    `/${token}`,
    `/${token}/openai`,
    `/${token}/../x`,
    `/${token.slice(1)}/openai/x`,
    `/${token}/OPENAI/x`,
  ])
    assert.equal(parseAddress(bad), null, bad);
});

test('the port is the one of last time, else the repository’s own, outside the range of outgoing connections', () => {
  const [first = 0] = portsFor('/a', null, null);
  assert.ok(first >= 20_000 && first < 32_000);
  assert.equal(portsFor('/a', null, null)[0], first);
  assert.notEqual(portsFor('/b', null, null)[0], first);
  assert.deepEqual(portsFor('/a', null, 25_000).slice(0, 2), [25_000, first]);
  assert.equal(portsFor('/a', null, null).at(-1), 0);
  assert.deepEqual(portsFor('/a', 8080, 25_000), [8080]);
});

test('upstreams: the configuration before the environment before the provider’s own address', () => {
  const env = { ANTHROPIC_BASE_URL: 'http://gateway:1/a', OPENAI_BASE_URL: '' };
  assert.equal(upstreamOf('anthropic', {}, env)?.href, 'http://gateway:1/a');
  assert.equal(upstreamOf('anthropic', { anthropic: 'https://own.example' }, env)?.href, 'https://own.example/');
  assert.equal(upstreamOf('openai', {}, env)?.href, 'https://api.openai.com/v1');
  assert.equal(upstreamOf('google', {}, {})?.href, 'https://generativelanguage.googleapis.com/');
  assert.equal(upstreamOf('xai', {}, {})?.href, 'https://api.x.ai/v1');
  assert.equal(upstreamOf('mine', { mine: 'http://127.0.0.1:1/v1' }, {})?.href, 'http://127.0.0.1:1/v1');
  assert.equal(upstreamOf('constructor', {}, {}), null);
});

test('a ChatGPT login goes where it belongs and nowhere else, whatever the address of OpenAI’s API', () => {
  assert.equal(meantFor('openai', { authorization: 'Bearer key' }), 'openai');
  assert.equal(meantFor('openai', { 'chatgpt-account-id': 'a' }), 'chatgpt');
  assert.equal(meantFor('mine', { 'chatgpt-account-id': 'a' }), 'mine');
  const env = { OPENAI_BASE_URL: 'https://elsewhere.example/v1' };
  assert.equal(upstreamOf('chatgpt', {}, env)?.href, 'https://chatgpt.com/backend-api/codex');
});

test('another model is asked for where the request names it, and the rest stays as it is', () => {
  const text = '{ "model": "a" , "max_tokens": 9}';
  const named = readCall('anthropic', '/v1/messages', text) ?? assert.fail();
  assert.deepEqual(rewritten(named, '/v1/messages?beta=true', 'b', 1e6), {
    text: '{ "model": "b" , "max_tokens": 9}',
    path: '/v1/messages?beta=true',
  });
  const path = '/v1beta/models/gemini-a:streamGenerateContent';
  const inPath = readCall('gemini', path, '{"contents":[]}') ?? assert.fail();
  assert.deepEqual(rewritten(inPath, `${path}?alt=sse`, 'gemini-b', 1e6), {
    text: '{"contents":[]}',
    path: '/v1beta/models/gemini-b:streamGenerateContent?alt=sse',
  });
});

test('headers: keys travel on, what belongs to one connection does not', () => {
  const raw = [
    'Host',
    'x',
    'X-Api-Key',
    'k',
    'Connection',
    'X-Hop, close',
    'x-hop',
    '1',
    'Accept-Encoding',
    'gzip',
    'Content-Length',
    '3',
    'TE',
    'trailers',
    'Cookie',
    'a',
    'Cookie',
    'b',
  ];
  assert.deepEqual(toUpstream(raw, 'api', 5, false), [
    'Host',
    'api',
    'X-Api-Key',
    'k',
    'Cookie',
    'a',
    'Cookie',
    'b',
    'Accept-Encoding',
    'identity',
    'Content-Length',
    '5',
  ]);
  assert.deepEqual(toClient(['Content-Length', '3', 'Transfer-Encoding', 'chunked', 'X', '1'], true), ['X', '1']);
});

test('what costs something is told from what does not', () => {
  const is = (method: string, path: string) => kindOf(method, path).is;
  assert.equal(is('POST', '/v1/messages'), 'billed');
  assert.equal(is('POST', '/v1/messages/count_tokens'), 'free');
  assert.equal(is('POST', '/responses'), 'billed');
  assert.equal(is('POST', '/responses/compact'), 'billed');
  assert.equal(is('POST', '/v1/chat/completions'), 'billed');
  assert.equal(is('POST', '/v1beta/models/g:streamGenerateContent'), 'billed');
  assert.equal(is('POST', '/v1beta/models/g:generateContent'), 'billed');
  assert.equal(is('POST', '/v1beta/models/g:countTokens'), 'free');
  assert.equal(is('GET', '/v1/models'), 'free');
  assert.equal(is('POST', '/v1/embeddings'), 'unknown');
});

test('a refusal of the credential is told from one of the request, without the provider’s words', () => {
  const refusal = (status: number, headers = {}, error: unknown = {}) =>
    limitedBy({ upstream: 'openai', status, headers, body: JSON.stringify({ error }) }, 1_000_000);
  assert.equal(refusal(400), null);
  assert.equal(refusal(500), null);
  assert.deepEqual(refusal(401, {}, { message: 'Incorrect API key sk-12', type: 'invalid_request_error' }), {
    type: 'limited',
    why: 'login',
    inMs: null,
    detail: 'openai answers 401 (invalid_request_error)',
  });
  assert.equal(refusal(429, { 'retry-after': '7' })?.inMs, 7000);
  assert.equal(refusal(429, { 'retry-after-ms': '70' })?.inMs, 70);
  assert.equal(refusal(429, {}, { type: 'usage_limit_reached', resets_in_seconds: 60 })?.why, 'usage');
  assert.equal(refusal(429, {}, { type: 'usage_limit_reached', resets_in_seconds: 60 })?.inMs, 60_000);
  const unified = { 'anthropic-ratelimit-unified-status': 'rejected', 'anthropic-ratelimit-unified-reset': '1060' };
  assert.deepEqual([refusal(429, unified)?.why, refusal(429, unified)?.inMs], ['usage', 60_000]);
  assert.equal(refusal(529)?.why, 'overloaded');
  assert.equal(refusal(503, { 'retry-after': 'Thu, 01 Jan 1970 00:17:00 GMT' })?.inMs, 20_000);
});

const BOUND = { input: 9000, warm: 1000, output: 500, usd: { input: 1, warm: 1, output: 1 } };

test('unknown usage is charged as it was reserved, known usage as it is known', () => {
  const seen = { tokens: null, model: '', final: false, written: 0 };
  const tokens = { input: 5, cacheRead: 6, cacheWrite: 7, output: 1, reasoning: 0 };
  assert.deepEqual(chargeFor({ ...seen, tokens, final: true }, BOUND, true, 1e9), { tokens, estimated: false });
  assert.equal(chargeFor(seen, BOUND, false, 1e9).tokens.input, 1000);
  assert.equal(chargeFor(seen, BOUND, false, 1e9).tokens.output, 0);
  assert.equal(chargeFor(seen, BOUND, true, 1e9).tokens.output, 500);
  assert.equal(chargeFor({ ...seen, tokens, written: 100 }, BOUND, false, 1e9).tokens.output, 40);
  assert.deepEqual(chargeForLost(tokens, BOUND, 1e9), { tokens: { ...tokens, output: 500 }, estimated: true });
  assert.equal(chargeForLost(null, BOUND, 100).tokens.output, 50);
});

test('a conversation that goes on is bounded by what was billed and what is new', () => {
  const prompts = createPrompts();
  const tokens = { input: 10, cacheRead: 20_000, cacheWrite: 500, output: 40, reasoning: 0 };
  const said = (text: string) => ({
    role: 'user',
    content: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }],
  });
  const body = (...texts: string[]) => partsOf({ model: 'm', system: 'x'.repeat(90_000), messages: texts.map(said) });
  const first = prompts.bound('a', 'm', body('one'), false, 0);
  assert.ok(first.input > 60_000 && first.warm === first.input);
  prompts.learn('a', 'm', body('one'), tokens, true, 0);
  const second = prompts.bound('a', 'm', body('one', 'two'), false, 1000);
  assert.ok(second.input > 20_510 && second.input < 20_600, String(second.input));
  assert.ok(second.warm >= 510 && second.warm < 600, `${second.warm}: what was fresh the last time, and what is new`);
  assert.equal(
    prompts.bound('a', 'm', body('one', 'two'), false, 300_000).warm,
    second.input,
    'the cache has forgotten',
  );
  assert.ok(prompts.bound('a', 'other', body('one', 'two'), false, 1000).input > 60_000, 'another model counts anew');
  const other = prompts.bound('b', 'm', body('two'), false, 1000);
  assert.ok(other.input < 20_600 && other.warm === other.input, 'another agent knows the prompt and not the cache');
  assert.ok(prompts.bound('a', 'm', body('three'), true, 1000).input >= 20_550, 'what is elsewhere counts');
});

test('a provider that has forgotten what it said was cached is not believed again until it keeps its word', () => {
  const prompts = createPrompts();
  const said = (n: number) =>
    partsOf({ model: 'm', messages: Array.from({ length: n }, (_, at) => ({ role: 'user', content: `${at}` })) });
  const bill = (cacheRead: number, cacheWrite: number) => ({
    input: 0,
    cacheRead,
    cacheWrite,
    output: 1,
    reasoning: 0,
  });
  const trusted = (n: number) => {
    const { input, warm } = prompts.bound('a', 'm', said(n), false, 1000);
    return warm < input;
  };
  const system = 50_000;
  prompts.learn('a', 'm', said(1), bill(0, system), true, 0);
  prompts.learn('a', 'm', said(2), bill(system, 100), true, 0);
  assert.equal(trusted(3), true);
  prompts.learn('a', 'm', said(3), bill(20_000, system - 20_000), true, 0);
  assert.equal(trusted(4), false);
  prompts.learn('a', 'm', said(4), bill(system, 10), true, 0);
  assert.equal(trusted(5), true);
});
