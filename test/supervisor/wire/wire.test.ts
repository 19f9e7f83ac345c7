/** The proxy from end to end, between a client and a provider that are both real HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { fresh } from '../../../source/loop/tokens.ts';
import { answering, ask, BODY, EVENTS, MESSAGES, MODEL, run, Scene, streamed, USAGE } from './scene.ts';

test('an answer passes byte for byte under any chunking, and is billed to the token', async () => {
  const whole = Buffer.from(streamed(MODEL, USAGE, ['Grüße, 日本語 🚀\n', 'x'.repeat(50)]).join(''));
  let cuts: readonly number[] = [];
  await using scene = await Scene.set({
    provider: async (request, reply) => {
      assert.equal(request.url, '/v1/messages?beta=true');
      reply.writeHead(200, { ...EVENTS, 'request-id': 'req_1' });
      const places = [0, ...cuts.map((cut) => cut % whole.length).sort((a, b) => a - b), whole.length];
      for (let at = 1; at < places.length; at++) {
        reply.write(whole.subarray(places[at - 1], places[at]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      reply.end();
    },
  });
  let answers = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 20 }), async (places) => {
      cuts = places;
      const { status, headers, body } = await scene.ask(`${MESSAGES}?beta=true`, BODY).said;
      assert.equal(status, 200);
      assert.equal(headers['request-id'], 'req_1');
      assert.ok(body.equals(whole));
      answers++;
      await scene.until(() => scene.closings().length === answers, 'a bill');
      const { total } = scene.runOf().meter;
      assert.deepEqual(
        [total.tokens.input, total.tokens.cacheRead, total.tokens.cacheWrite, total.tokens.output],
        [11, 200, 30, 44].map((each) => each * answers),
      );
    }),
    { numRuns: 12 },
  );
  assert.equal(scene.runOf().provenance, 'exact');
  assert.deepEqual(scene.runOf().wire, {});
});

test('a request passes byte for byte, and its key is in no journal and no log', async () => {
  const key = 'sk-ant-canary-0123456789';
  const text = '{ "model": "claude-sonnet-5-5",\n "max_tokens": 1e3, "x": 1.0, "messages": [], "é": "\\u00e9" }';
  const seen: { body: string; key: unknown }[] = [];
  await using scene = await Scene.set({
    provider: (request, reply, body) => {
      seen.push({ body, key: request.headers['x-api-key'] ?? request.headers.authorization });
      reply.writeHead(seen.length === 1 ? 200 : 401, { 'content-type': 'application/json' });
      reply.end(JSON.stringify({ error: { type: 'authentication_error', message: `bad key ${key}` } }));
    },
  });
  await scene.ask(MESSAGES, text, { headers: { 'x-api-key': key } }).said;
  await scene.ask(`${MESSAGES}?key=${key}`, text, { headers: { authorization: `Bearer ${key}` } }).said;
  await scene.until(() => scene.closings().length === 2, 'two bills');
  assert.deepEqual(seen, [
    { body: text, key },
    { body: text, key: `Bearer ${key}` },
  ]);
  const [limited] = scene.closings()[1]?.events ?? [];
  assert.deepEqual([limited?.type, limited?.type === 'limited' && limited.why], ['limited', 'login']);
  assert.ok(!(await scene.written()).includes('canary'));
});

test('without the token of a living agent there is nothing to be found', async () => {
  let asked = 0;
  await using scene = await Scene.set({ provider: (_request, reply) => void reply.end(String(asked++)) });
  const origin = new URL(scene.address()).origin;
  const token = new URL(scene.address()).pathname.slice(1);
  const wrong = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`;
  for (const path of ['/', `/${wrong}/anthropic/v1/messages`, `/${wrong}/nobody/v1/messages`, `/${token}/anthropic`]) {
    const { status, body } = await ask(origin + path, BODY).said;
    assert.deepEqual([status, body.length], [404, 0], path);
  }
  const lost = await ask(`${origin}/${token}/nobody/v1/messages`, BODY).said;
  assert.equal(lost.status, 404);
  assert.match(
    JSON.parse(lost.body.toString()).error.message,
    /^looptop does not know where nobody is: .*upstreams\.nobody$/,
  );
  const death = { code: 0, signal: null, survivors: 0, stderr: '', tree: null, ms: 1 };
  await scene.record({ type: 'agent-ended', run: run(1), agent: scene.runOf().agent?.id ?? assert.fail(), ...death });
  assert.equal((await scene.ask(MESSAGES, BODY).said).status, 404);
  assert.equal(asked, 0);
});

test('what is no request for an answer passes; what might cost something makes the meter unknown', async () => {
  const paths: string[] = [];
  await using scene = await Scene.set({
    provider: (request, reply) => {
      paths.push(`${request.method} ${request.url}`);
      reply.end('{}');
    },
  });
  await scene.ask('/openai/models?limit=1', null, { method: 'GET' }).said;
  await scene.ask(`${MESSAGES}/count_tokens`, BODY).said;
  assert.deepEqual(scene.runOf().meter.hidden, []);
  await scene.ask('/openai/embeddings', { model: 'e', input: 'x' }).said;
  await scene.until(() => scene.runOf().meter.hidden.length === 1, 'a remark');
  assert.deepEqual(scene.runOf().meter.hidden, ['POST /embeddings']);
  assert.deepEqual(paths, ['GET /v1/models?limit=1', 'POST /v1/messages/count_tokens', 'POST /v1/embeddings']);
  assert.deepEqual(scene.runOf().wire, {});
});

test('a request that could cross the cap is never sent; it is refused in the API’s own words and the run stops', async () => {
  let asked = 0;
  const budget = { tokens: 3000, usd: 100, wallMs: 1e9, passes: 8 };
  for (const [path, where] of [
    [MESSAGES, ['error', 'message']],
    ['/openai/responses', ['error', 'message']],
    ['/xai/chat/completions', ['error', 'message']],
    ['/google/v1beta/models/gemini-3.8-flash:generateContent', ['error', 'message']],
  ] as const) {
    await using scene = await Scene.set({ provider: () => void asked++, loop: { budget } });
    const words = 'word '.repeat(2000);
    const body = {
      model: MODEL,
      max_tokens: 500,
      messages: [{ role: 'user', content: words }],
      input: words,
      contents: [{ parts: [{ text: words }] }],
    };
    const said = await scene.ask(path, body).said;
    assert.equal(said.status, 400, path);
    const shown = where.reduce<unknown>(
      (value, key) => (value as Record<string, unknown>)[key],
      JSON.parse(said.body.toString()),
    );
    assert.match(
      String(shown),
      /^looptop: this request could cross the cap of its run: 0 of 3k tokens, and the next request could cost \d/,
    );
    const { status } = scene.runOf();
    assert.ok(status.tag === 'open' && status.hold?.kind === 'paused' && status.hold.why === 'budget');
    assert.deepEqual(scene.runOf().agent?.wish, { to: 'end', cause: 'budget', polite: false });
  }
  assert.equal(asked, 0);
});

test('where only less output fits, less is asked for: one number changes', async () => {
  const bodies: string[] = [];
  const budget = { tokens: 6000, usd: 100, wallMs: 1e9, passes: 8 };
  await using scene = await Scene.set({
    loop: { budget },
    provider: (request, reply, body) => {
      bodies.push(body);
      return answering(streamed(MODEL, { input: 5, output: 3 }))(request, reply, body);
    },
  });
  const text = `{"max_tokens" : 128000 ,"stream":true,"model":"${MODEL}","messages":[]}`;
  await scene.ask(MESSAGES, text).said;
  const [sent = ''] = bodies;
  const most = Number(/"max_tokens" : (\d+) ,/.exec(sent)?.[1]);
  assert.ok(most > 4000 && most < 6000, sent);
  assert.equal(sent, text.replace('128000', String(most)));
});

test('held while the run is frozen, and let go when it is thawed', async () => {
  let asked = 0;
  await using scene = await Scene.set({
    provider: (request, reply, body) => {
      asked++;
      return answering(streamed(MODEL, USAGE))(request, reply, body);
    },
  });
  await scene.record({ type: 'freeze-asked', run: run(1), by: 'me' });
  const left = scene.ask(MESSAGES, BODY);
  const held = scene.ask(MESSAGES, BODY);
  await sleep(100);
  assert.deepEqual([asked, held.soFar().length], [0, 0]);
  left.leave();
  await assert.rejects(left.said);
  await scene.record({ type: 'resume-asked', run: run(1), by: 'me' });
  assert.equal((await held.said).status, 200);
  assert.equal(asked, 1, 'the one that left was not sent');
  await scene.until(() => scene.closings().length === 1, 'a bill');
});

test('an answer that the provider cuts is cut for the client too, and its errors pass as they are', async () => {
  const [start = ''] = streamed(MODEL, USAGE);
  let asked = 0;
  await using scene = await Scene.set({
    provider: (_request, reply) => {
      asked++;
      if (asked === 1) {
        reply.writeHead(200, EVENTS);
        reply.write(start, () => reply.destroy());
      } else reply.writeHead(529, 'Overloaded', { 'retry-after': '3' }).end('{"error":{"type":"overloaded_error"}}');
    },
  });
  await assert.rejects(scene.ask(MESSAGES, BODY).said);
  const said = await scene.ask(MESSAGES, BODY).said;
  assert.deepEqual(
    [said.status, said.headers['retry-after'], said.body.toString()],
    [529, '3', '{"error":{"type":"overloaded_error"}}'],
  );
  await scene.until(() => scene.closings().length === 2, 'two bills');
  assert.equal(scene.runOf().meter.total.tokens.input, 11);
  const [limited] = scene.closings()[1]?.events ?? [];
  assert.deepEqual(limited, {
    type: 'limited',
    why: 'overloaded',
    inMs: 3000,
    detail: 'anthropic answers 529 (overloaded_error)',
  });
});

test('a provider that cannot be reached costs nothing', async () => {
  await using scene = await Scene.set({ provider: () => {} });
  await new Promise((resolve) => scene.upstream.close(resolve));
  const said = await scene.ask(MESSAGES, BODY).said;
  assert.equal(said.status, 502);
  assert.match(said.body.toString(), /looptop cannot reach anthropic: ECONNREFUSED/);
  await scene.until(() => scene.closings().length === 1, 'a bill');
  assert.deepEqual(scene.closings()[0]?.events, []);
  assert.equal(scene.runOf().provenance, 'unknown');
});

test('a packed request is understood, and sent on as it came', async () => {
  const packed = gzipSync(JSON.stringify(BODY));
  let got: string | undefined;
  await using scene = await Scene.set({
    provider: (request, reply, body) => {
      got = request.headers['content-encoding'];
      return answering(streamed(MODEL, USAGE))(request, reply, body);
    },
  });
  await scene.ask(MESSAGES, packed, { headers: { 'content-encoding': 'gzip' } }).said;
  assert.equal(got, 'gzip');
  await scene.until(() => scene.runOf().meter.total.tokens.output === 44, 'a bill');
  assert.equal((await scene.ask(MESSAGES, packed, { headers: { 'content-encoding': 'x' } }).said).status, 400);
});

test('chat that would not be told its bill asks for it, and the agent does not see that', async () => {
  const piece = (rest: object) => `data: ${JSON.stringify({ id: 'c', model: 'grok-4.5', ...rest })}\r\n\r\n`;
  const usage = {
    prompt_tokens: 120,
    prompt_tokens_details: { cached_tokens: 20 },
    completion_tokens: 7,
    total_tokens: 137,
    completion_tokens_details: { reasoning_tokens: 10 },
  };
  const words = [
    piece({ choices: [{ delta: { content: 'Hi' } }] }),
    piece({ choices: [{ delta: {}, finish_reason: 'stop' }] }),
  ];
  const bodies: unknown[] = [];
  await using scene = await Scene.set({
    provider: (request, reply, body) => {
      bodies.push(JSON.parse(body).stream_options);
      return answering([...words, piece({ choices: [], usage }), 'data: [DONE]\r\n\r\n'])(request, reply, body);
    },
  });
  const body = { model: 'grok-4.5', stream: true, messages: [{ role: 'user', content: 'Hi' }] };
  const hidden = await scene.ask('/xai/chat/completions', body).said;
  assert.equal(hidden.body.toString(), [...words, 'data: [DONE]\r\n\r\n'].join(''));
  const shown = await scene.ask('/xai/chat/completions', { ...body, stream_options: { include_usage: true } }).said;
  assert.equal(shown.body.toString(), [...words, piece({ choices: [], usage }), 'data: [DONE]\r\n\r\n'].join(''));
  assert.deepEqual(bodies, [{ include_usage: true }, { include_usage: true }]);
  await scene.until(() => scene.closings().length === 2, 'two bills');
  assert.deepEqual(scene.runOf().meter.perModel['grok-4.5']?.tokens, {
    input: 200,
    cacheRead: 40,
    cacheWrite: 0,
    output: 34,
    reasoning: 20,
  });
});

test('after an escalation the stronger model answers what was asked of the first, and nothing else', async () => {
  const models: string[] = [];
  await using scene = await Scene.set({
    provider: (request, reply, body) => {
      models.push(JSON.parse(body).model);
      return answering(streamed(JSON.parse(body).model, USAGE))(request, reply, body);
    },
  });
  const title = { ...BODY, model: 'claude-haiku-5-5' };
  await scene.ask(MESSAGES, BODY).said;
  const maker = { ...scene.runOf().maker, model: 'opus' };
  await scene.record({ type: 'escalated', run: run(1), rung: 1, maker, note: '', by: 'me' });
  assert.deepEqual(scene.runOf().agent?.wish, { to: 'run' }, 'its process lives on');
  await scene.ask(MESSAGES, BODY).said;
  await scene.ask(MESSAGES, { ...BODY, model: `${MODEL}-20260101` }).said;
  await scene.ask(MESSAGES, title).said;
  assert.deepEqual(models, [MODEL, 'claude-opus-5-5', 'claude-opus-5-5', 'claude-haiku-5-5']);
  await scene.until(() => scene.closings().length === 4, 'the bills');
  assert.equal(scene.runOf().meter.perModel['claude-opus-5-5']?.tokens.output, 88);
});

test('eight agents that ask at once for adversarial amounts never cross the fleet’s cap, and come close to it', async () => {
  const cap = 3_000_000;
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  let billed = 0;
  await using scene = await Scene.set({
    runs: 8,
    settings: { daily: { tokens: cap, usd: 1e9 } },
    provider: async (request, reply, body) => {
      const asked = JSON.parse(body) as { max_tokens: number };
      await sleep(random() * 5);
      // As much as it may at most, or next to nothing.
      const usage = { input: Math.floor(body.length * 0.7 * random()), output: random() < 0.5 ? asked.max_tokens : 1 };
      billed += usage.input + usage.output;
      return answering(streamed(MODEL, usage))(request, reply, body);
    },
  });
  const agent = async (n: number) => {
    for (;;) {
      const content = 'word '.repeat(1 + Math.floor(random() * 8000));
      const body = { ...BODY, max_tokens: 1 + Math.floor(random() * 64_000), messages: [{ role: 'user', content }] };
      const { status } = await scene.ask(MESSAGES, body, { n }).said;
      if (status === 400) return;
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(agent));
  await scene.until(
    () => Object.values(scene.ledger.state.runs).every(({ wire }) => Object.keys(wire).length === 0),
    'all bills',
  );
  const metered = fresh(scene.ledger.state.days['2026-11-23']?.tokens ?? assert.fail());
  assert.equal(metered, billed);
  assert.ok(billed <= cap, `${billed - cap} over`);
  assert.ok(billed > 0.97 * cap, `only ${billed} of ${cap}`);
});
