import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, NoSupervisor } from '../../source/socket/client.ts';
import { lineReader } from '../../source/socket/lines.ts';
import type { ToClient } from '../../source/socket/protocol.ts';
import { SmallFleet } from '../fixtures/small-fleet.ts';

const fresh = (t: TestContext): { path: string; fleet: SmallFleet } => {
  const folder = mkdtempSync(join(tmpdir(), 'lt-'));
  const fleet = new SmallFleet();
  t.after(() => {
    fleet.end();
    rmSync(folder, { recursive: true, force: true });
  });
  return { path: join(folder, 's.sock'), fleet };
};

/** A client made by hand: says anything, and hears everything until the server closes. */
function raw(t: TestContext, path: string) {
  const socket: Socket = createConnection(path);
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  const messages: ToClient[] = [];
  const lines = lineReader(100_000_000);
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    for (const line of lines(chunk)) messages.push(JSON.parse(line));
  });
  const closed = once(socket, 'close');
  const heard = (): readonly ToClient[] => messages;
  const hear = async (say: ToClient['say']): Promise<ToClient> => {
    for (;;) {
      const found = heard().find((message) => message.say === say);
      if (found) return found;
      await sleep(2);
    }
  };
  return { socket, closed, heard, hear, bytes: () => bytes };
}
const HELLO = '{"say":"hello","protocol":1}\n';
const NOTE = { do: 'note', run: 'ci-fix-1', text: 'look at ✔ "this"\n' } as const;

test('nobody but this user can open the socket, whatever the umask was', async (t) => {
  const { path, fleet } = fresh(t);
  const umask = process.umask(0);
  try {
    await fleet.serve(path);
    assert.equal(process.umask(), 0, 'the umask is as it was');
  } finally {
    process.umask(umask);
  }
  assert.equal(lstatSync(path).mode & 0o077, 0);
});

test('lines that mean nothing end at most their own connection', async (t) => {
  const { path, fleet } = fresh(t);
  await fleet.serve(path);
  const lines = [
    '\n',
    'not json\n',
    '[]\n',
    'null\n',
    '{"say":"sudo"}\n',
    '{"say":"watch"}\n',
    `${HELLO}{"say":"watch","extra":1}\n`,
    `${HELLO}${'['.repeat(200_000)}\n`,
    `${HELLO}{"say":"command","command":{"do":"run","loop":"x","item":${'['.repeat(50_000)}${']'.repeat(50_000)}},"by":"x"}\n`,
    `${HELLO}${'x'.repeat(1_100_000)}`,
    Buffer.from([0xff, 0xfe, 0x00, 0x0a]),
  ];
  for (const line of lines) {
    const { socket, closed, heard } = raw(t, path);
    socket.write(line);
    await closed;
    assert.deepEqual(
      heard().map(({ say }) => say),
      ['welcome', 'bye'],
      String(line).slice(0, 60),
    );
  }
  const client = await connect(path, { by: 'test', timeoutMs: 2000 });
  assert.equal((await client.send(NOTE)).ok, true);
  client.close();
  assert.equal(fleet.asked.length, 1, 'only the real command was passed on');
});

test('a command that means nothing is refused by its number, and the connection goes on', async (t) => {
  const { path, fleet } = fresh(t);
  await fleet.serve(path);
  const { socket, hear } = raw(t, path);
  socket.write(`${HELLO}{"say":"command","id":7,"by":"x","command":{"do":"explode"}}\n`);
  const refused = await hear('refused');
  assert.ok(refused.say === 'refused' && refused.id === 7 && refused.code === 2);
  const bytes = Buffer.from(`${JSON.stringify({ say: 'command', id: 8, by: 'me', command: NOTE })}\n`);
  for (const byte of bytes) socket.write(Buffer.of(byte));
  const done = await hear('done');
  assert.ok(done.say === 'done' && done.id === 8);
  assert.deepEqual(fleet.asked, [{ command: NOTE, by: 'me' }]);
});

test('a client of another protocol is told so', async (t) => {
  const { path, fleet } = fresh(t);
  await fleet.serve(path);
  const { socket, closed, heard } = raw(t, path);
  socket.write('{"say":"hello","protocol":99,"more":"words"}\n');
  await closed;
  const bye = heard().at(-1);
  assert.match(bye?.say === 'bye' ? bye.text : '', /protocol 1 and the client 99/);
});

test('a watcher gets the state and then every event once, whenever it asks', async (t) => {
  const { path, fleet } = fresh(t);
  await fleet.serve(path);
  fleet.rule('r1');
  const { socket, hear, heard } = raw(t, path);
  socket.write(HELLO);
  await hear('welcome');
  fleet.rule('r2');
  socket.write('{"say":"watch"}\n');
  const snapshot = await hear('snapshot');
  assert.ok(snapshot.say === 'snapshot' && snapshot.seq === 2);
  assert.deepEqual(Object.keys(snapshot.state.rules), ['r1', 'r2']);
  for (const id of ['r3', 'r4', 'r5']) fleet.rule(id);
  await hear('events');
  await sleep(20);
  const seqs = heard().flatMap((message) => (message.say === 'events' ? message.events.map(({ seq }) => seq) : []));
  assert.deepEqual(seqs, [3, 4, 5]);
});

test('a watcher that asks between an event and its announcement gets it once', async (t) => {
  const { path, fleet } = fresh(t);
  const server = await fleet.serve(path);
  const { socket, hear, heard } = raw(t, path);
  // As when events were folded and are being made durable: the state is ahead of what was announced.
  const events = [1, 2, 3].map((seq) => ({ seq, at: seq, day: '2026-06-15', event: { type: 'disk-freed' } as const }));
  fleet.seq = 2;
  socket.write(`${HELLO}{"say":"watch"}\n`);
  await hear('snapshot');
  server.broadcast(events);
  const told = await hear('events');
  assert.deepEqual(told.say === 'events' && told.events.map(({ seq }) => seq), [3]);
  server.broadcast(events);
  await sleep(20);
  assert.equal(heard().length, 3);
});

test('a watcher that does not read costs at most a few megabytes, and is whole again once it reads', {
  timeout: 30_000,
}, async (t) => {
  const { path, fleet } = fresh(t);
  await fleet.serve(path);
  const slow = raw(t, path);
  const quick = raw(t, path);
  for (const { socket } of [slow, quick]) socket.write(`${HELLO}{"say":"watch"}\n`);
  await Promise.all([slow.hear('snapshot'), quick.hear('snapshot')]);
  slow.socket.pause();
  for (let n = 0; n < 400; n += 1) {
    fleet.happen({ type: 'rule-added', id: 'r1', text: 'x'.repeat(100_000), scope: '**', by: 'test', run: null });
    while (quick.bytes() < n * 100_000) await sleep(1);
  }
  slow.socket.resume();
  const last = (): number => {
    const message = slow.heard().at(-1);
    return message?.say === 'snapshot' ? message.seq : 0;
  };
  while (last() !== 400) await sleep(5);
  assert.ok(slow.bytes() < 12_000_000, `of 40 MB, ${slow.bytes()} bytes were kept for the slow one`);
  fleet.rule('r2');
  while (slow.heard().at(-1)?.say !== 'events') await sleep(5);

  assert.equal(quick.heard().filter(({ say }) => say === 'snapshot').length, 1, 'the quick one got every event');
});

test('a client that floods is read only as fast as its commands are done', async (t) => {
  const { path, fleet } = fresh(t);
  await fleet.serve(path);
  let [under, most] = [0, 0];
  fleet.onCommand = async () => {
    under += 1;
    most = Math.max(most, under);
    await sleep(1);
    under -= 1;
    return { say: 'refused', text: 'no', code: 1 };
  };
  const client = await connect(path, { by: 'test', timeoutMs: 2000 });
  const answers = await Promise.all(Array.from({ length: 1500 }, () => client.send(NOTE)));
  client.close();
  assert.ok(answers.every((answer) => !answer.ok && answer.code === 1));
  // One chunk of the socket (64 KiB) is read whole.
  assert.ok(most < 1000, `${most} commands at once`);
});

test('a command that throws is an answer, and the server lives', async (t) => {
  const { path, fleet } = fresh(t);
  await fleet.serve(path);
  fleet.onCommand = async () => {
    throw new Error('out of paper');
  };
  const client = await connect(path, { by: 'test', timeoutMs: 2000 });
  assert.deepEqual(await client.send(NOTE), { ok: false, text: 'the supervisor failed: out of paper', code: 1 });
  client.close();
});

test('the socket file of a killed supervisor is replaced; a file that is no socket is not', async (t) => {
  const { path, fleet } = fresh(t);
  const dead = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`,
  ]);
  t.after(() => dead.kill('SIGKILL'));
  await once(dead.stdout, 'data');
  dead.kill('SIGKILL');
  await once(dead, 'close');
  assert.ok(lstatSync(path).isSocket());
  await assert.rejects(connect(path, { by: 'test', timeoutMs: 2000 }), NoSupervisor);
  const server = await fleet.serve(path);
  (await connect(path, { by: 'test', timeoutMs: 2000 })).close();
  await server.close('done');

  writeFileSync(path, 'precious');
  await assert.rejects(new SmallFleet().serve(path), /is not a socket/);
});

test('two servers do not hear each other’s clients, and goodbye is said to all', async (t) => {
  const [one, two] = [fresh(t), fresh(t)];
  const server = await one.fleet.serve(one.path);
  await two.fleet.serve(two.path);
  const clients = await Promise.all([one, one, two].map(({ path }) => connect(path, { by: 'test', timeoutMs: 2000 })));
  const stuck = raw(t, one.path);
  await stuck.hear('welcome');
  stuck.socket.pause();
  await Promise.all(clients.map((client) => client.send(NOTE)));
  assert.deepEqual([one.fleet.asked.length, two.fleet.asked.length], [2, 1]);
  assert.equal(server.clients, 3);
  await Promise.all([server.close('an upgrade'), server.close('twice')]);
  assert.deepEqual(await Promise.all(clients.slice(0, 2).map(({ closed }) => closed)), ['an upgrade', 'an upgrade']);
  assert.equal(lstatSync(one.path, { throwIfNoEntry: false }), undefined);
  assert.equal((await clients[2]?.send(NOTE))?.ok, true);
  clients[2]?.close();
});

test('a command that is under way at the end is answered before the goodbye, unless it takes too long', async (t) => {
  const { path, fleet } = fresh(t);
  const server = await fleet.serve(path);
  fleet.onCommand = async (command) => {
    if (command.do === 'down') void server.close('sent down');
    await sleep(command.do === 'reload' ? 60_000 : 50, undefined, { ref: false });
    return { say: 'done', text: command.do, run: null, seq: 0 };
  };
  const [quick, slow] = await Promise.all([1, 2].map(() => connect(path, { by: 'test', timeoutMs: 2000 })));
  assert.ok(quick && slow);
  const unanswered = slow.send({ do: 'reload' });
  while (fleet.asked.length === 0) await sleep(2);
  const answer = await quick.send({ do: 'down', now: false });
  assert.deepEqual([answer.ok, answer.text], [true, 'down']);
  assert.equal(await quick.closed, 'sent down');
  assert.match((await unanswered).text, /no answer: sent down; whether it was done is unknown/);
  await server.close('twice');
});
