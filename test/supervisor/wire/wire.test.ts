/** The proxy from end to end, between a client and a provider that are both real HTTP. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT, Scene, streamed } from './scene.ts';

const MODEL = 'claude-sonnet-5-5';
const BODY = { model: MODEL, max_tokens: 1000, stream: true, messages: [{ role: 'user', content: 'Hello' }] };

test('an answer passes byte for byte and is billed to the token', async () => {
  const pieces = streamed(MODEL, { input: 11, cacheRead: 200, cacheWrite: 30, output: 44 });
  await using scene = await Scene.set({
    provider: (request, reply) => {
      assert.equal(request.url, '/v1/messages?beta=true');
      reply.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_1' });
      for (const piece of pieces) reply.write(piece);
      reply.end();
    },
  });
  const { status, headers, body } = await scene.ask('/anthropic/v1/messages?beta=true', BODY).said;
  assert.equal(status, 200);
  assert.equal(headers['request-id'], 'req_1');
  assert.equal(body.toString(), pieces.join(''));
  await scene.until(() => scene.closings().length === 1, 'a bill');
  const run = scene.runOf();
  assert.deepEqual(run.meter.total.tokens, { input: 11, cacheRead: 200, cacheWrite: 30, output: 44, reasoning: 0 });
  assert.equal(run.provenance, 'exact');
  assert.deepEqual(run.wire, {});
  assert.equal(run.agent?.id, AGENT);
});
