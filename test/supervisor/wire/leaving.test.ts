/** What becomes of a bill whose agent, or whose supervisor, is gone before it is there: a real proxy between real HTTP on both sides. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../../source/loop/event.ts';
import {
  AGENT,
  answering,
  BODY,
  EVENTS,
  MESSAGES,
  MODEL,
  type Provider,
  run,
  Scene,
  streamed,
  USAGE,
} from './scene.ts';

const BILL = { input: 11, cacheRead: 200, cacheWrite: 30, output: 44, reasoning: 0 };
const DEATH = { code: null, signal: 'SIGKILL', survivors: 0, stderr: '', tree: null, ms: 1 } as const;
const [START = '', WORDS = '', ...REST] = streamed(MODEL, USAGE, ['y'.repeat(100)]);

/** Says the beginning of an answer, and the rest when told to. */
function halting(): { readonly provider: Provider; readonly goOn: () => void; readonly hungUp: () => boolean } {
  let reply: ServerResponse | null = null;
  let hungUp = false;
  return {
    provider: (_request, answer) => {
      reply = answer;
      answer.on('close', () => {
        hungUp = !answer.writableFinished;
      });
      answer.writeHead(200, EVENTS);
      answer.write(START + WORDS);
    },
    goOn: () => void reply?.end(REST.join('')),
    hungUp: () => hungUp,
  };
}

test('the answer to a client that leaves is read to its end, and its bill is exact', async () => {
  const { provider, goOn, hungUp } = halting();
  await using scene = await Scene.set({ provider });
  const client = scene.ask(MESSAGES, BODY);
  await scene.until(() => client.soFar().length === (START + WORDS).length, 'the beginning');
  await scene.until(() => scene.runOf().meter.total.tokens.input === 11, 'live usage');
  assert.equal(scene.runOf().provenance, 'live');
  client.leave();
  await sleep(100);
  assert.deepEqual([scene.closings().length, hungUp()], [0, false]);
  assert.equal(Object.keys(scene.runOf().wire).length, 1, 'its room is still reserved');
  goOn();
  await scene.until(() => scene.closings().length === 1, 'a bill');
  assert.deepEqual(scene.runOf().meter.total.tokens, BILL);
  assert.equal(scene.runOf().provenance, 'exact');
  assert.deepEqual(scene.runOf().wire, {});
});

test('so is the answer that has not begun when the client leaves', async () => {
  let answer: ServerResponse | null = null;
  await using scene = await Scene.set({
    provider: (_request, reply) => {
      answer = reply;
    },
  });
  const client = scene.ask(MESSAGES, BODY);
  await scene.until(() => answer !== null, 'the request');
  client.leave();
  await sleep(100);
  assert.equal(scene.closings().length, 0);
  (answer as ServerResponse | null)?.writeHead(200, EVENTS).end(START + WORDS + REST.join(''));
  await scene.until(() => scene.closings().length === 1, 'a bill');
  assert.deepEqual(scene.runOf().meter.total.tokens, BILL);
  assert.equal(scene.runOf().provenance, 'exact');
});

test('nobody waits for the bill of a dead agent, and it counts when it comes', async () => {
  const { provider, goOn } = halting();
  await using scene = await Scene.set({ provider });
  const client = scene.ask(MESSAGES, BODY);
  await scene.until(() => scene.runOf().meter.total.tokens.input === 11, 'live usage');
  client.leave();
  scene.wire.settle(run(1), AGENT);
  await scene.record(
    { type: 'agent-ended', run: run(1), agent: AGENT, ...DEATH },
    { type: 'run-ended', run: run(1), end: { kind: 'killed', by: 'me' } },
  );
  assert.equal(scene.runOf().status.tag, 'ended');
  assert.equal(scene.runOf().provenance, 'live');
  goOn();
  await scene.until(() => scene.closings().length === 1, 'a bill');
  const { meter, provenance, wire } = scene.runOf();
  assert.deepEqual([meter.total.tokens, meter.live, wire, provenance], [BILL, {}, {}, 'exact']);
  const { spending, days } = scene.ledger.state;
  assert.deepEqual(days['2026-11-23']?.tokens, BILL);
  const [cell] = spending.days['2026-11-23']?.cells ?? [];
  assert.deepEqual([cell?.spend.tokens, cell?.loose, cell?.spend.estimated], [BILL, false, false]);
});

test('an answer that does not end is hung up on after a while, and charged for what was written', async () => {
  const { provider, hungUp } = halting();
  await using scene = await Scene.set({ provider, readOnMs: 200 });
  const client = scene.ask(MESSAGES, BODY);
  await scene.until(() => client.soFar().length === (START + WORDS).length, 'the beginning');
  client.leave();
  await scene.until(() => scene.closings().length === 1, 'a bill');
  await scene.until(hungUp, 'the end upstream');
  assert.deepEqual(scene.runOf().meter.total.tokens, { ...BILL, output: 40 });
  assert.equal(scene.runOf().provenance, 'estimated');
  assert.deepEqual(scene.runOf().wire, {});
});

test('one that never begins is charged as it was reserved', async () => {
  await using scene = await Scene.set({ provider: () => {}, readOnMs: 100 });
  const client = scene.ask(MESSAGES, BODY);
  await scene.until(() => Object.keys(scene.runOf().wire).length === 1, 'a reservation');
  await sleep(50);
  const [sent] = Object.values(scene.runOf().wire);
  client.leave();
  await scene.until(() => scene.closings().length === 1, 'a bill');
  assert.equal(scene.runOf().meter.total.tokens.input, sent?.bound.warm);
  assert.equal(scene.runOf().provenance, 'estimated');
});

test('one that grows beyond what was reserved for it is hung up on at once', async () => {
  let hungUp = false;
  await using scene = await Scene.set({
    provider: async (_request, reply) => {
      reply.on('close', () => {
        hungUp = true;
      });
      reply.writeHead(200, EVENTS);
      reply.write(START);
      while (!hungUp) {
        reply.write(WORDS);
        await sleep(1);
      }
    },
  });
  const client = scene.ask(MESSAGES, BODY);
  await scene.until(() => client.soFar().length > START.length, 'the beginning');
  client.leave();
  await scene.until(() => scene.closings().length === 1, 'a bill');
  assert.ok(hungUp);
  assert.equal(scene.runOf().meter.total.tokens.output, 1000);
  assert.equal(scene.runOf().provenance, 'estimated');
});

test('a client that does not read holds the provider back, after what is read ahead for the meter', async () => {
  const line = `event: ping\ndata: {"type":"ping","x":"${'x'.repeat(65_000)}"}\n\n`;
  const lines = 600;
  let sent = 0;
  await using scene = await Scene.set({
    provider: async (_request, reply) => {
      reply.setMaxListeners(0);
      reply.writeHead(200, EVENTS);
      while (sent < lines && !reply.destroyed) {
        sent++;
        if (!reply.write(line)) await Promise.race([once(reply, 'drain'), once(reply, 'close')]);
      }
      reply.end();
    },
  });
  const client = request(scene.address() + MESSAGES, { method: 'POST' }, (answer) => answer.pause());
  client.on('error', () => {});
  client.end(JSON.stringify(BODY));
  await scene.until(() => sent > 60, 'some megabytes');
  for (let before = -1; before !== sent; ) {
    before = sent;
    await sleep(400);
  }
  assert.ok(sent < lines, 'all of it was taken for a client that reads nothing');
  client.destroy();
  await scene.until(() => scene.closings().length === 1, 'a bill');
});

test('a supervisor that ends gives the answers of dead agents some seconds', async () => {
  const { provider, goOn } = halting();
  await using scene = await Scene.set({ provider });
  const client = scene.ask(MESSAGES, BODY);
  await scene.until(() => scene.runOf().meter.total.tokens.input === 11, 'live usage');
  client.leave();
  setTimeout(goOn, 2500);
  await scene.restart();
  assert.deepEqual(scene.runOf().meter.total.tokens, BILL);
  assert.equal(scene.runOf().provenance, 'exact');
});

test('after a restart the address is the same, and what was under way is charged', async () => {
  let asked = 0;
  await using scene = await Scene.set({
    provider: (request, reply, body) => {
      asked++;
      if (asked === 1) reply.writeHead(200, EVENTS).write(streamed(MODEL, USAGE)[0]);
      else return answering(streamed(MODEL, USAGE))(request, reply, body);
    },
  });
  await scene.record(...scene.wire.opened);
  const address = scene.address();
  const cut = scene.ask(MESSAGES, BODY);
  await scene.until(() => scene.runOf().meter.total.tokens.input === 11, 'the beginning');
  await scene.restart();
  await assert.rejects(cut.said);
  assert.equal(scene.address(), address);
  assert.deepEqual(scene.runOf().wire, {});
  assert.equal((await scene.ask(MESSAGES, BODY).said).status, 200);
  await scene.until(() => scene.runOf().meter.total.tokens.input === 22, 'the next bill');
  assert.equal(scene.runOf().provenance, 'estimated');
});

test('what a killed supervisor left open is charged by the next one', async () => {
  await using scene = await Scene.set({ provider: () => {} });
  const bound = { input: 5000, warm: 4000, output: 300, usd: { input: 1, warm: 1, output: 1 } };
  const sent: Event = {
    type: 'wire-sent',
    run: run(1),
    agent: scene.runOf().agent?.id ?? assert.fail(),
    key: 'k',
    model: MODEL,
    own: true,
    bound,
  };
  await scene.record(sent);
  await scene.restart();
  const { tokens } = scene.runOf().meter.total;
  assert.deepEqual([tokens.input, tokens.output > 0 && tokens.output <= 300], [4000, true]);
  assert.equal(scene.runOf().provenance, 'estimated');
  assert.deepEqual(scene.runOf().wire, {});
});
