import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect, NoSupervisor, SocketError } from '../../source/socket/client.ts';

const folder = (t: TestContext): string => {
  const made = mkdtempSync(join(tmpdir(), 'lt-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

/** Something that listens there and does `greet` with whoever comes. */
async function listener(t: TestContext, greet: (socket: Socket) => void): Promise<string> {
  const path = join(folder(t), 's.sock');
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    greet(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return path;
}
const welcome = (protocol: number): string =>
  `${JSON.stringify({ say: 'welcome', protocol, version: '9.9.9', pid: 4711 })}\n`;
const reach = (path: string) => connect(path, { by: 'test', timeoutMs: 200 });

test('where nobody listens, the caller can tell that a supervisor may be started', async (t) => {
  await assert.rejects(reach(join(folder(t), 's.sock')), NoSupervisor);
});

test('a supervisor of another version is named, with what to do', async (t) => {
  const path = await listener(t, (socket) => socket.write(welcome(2)));
  await assert.rejects(reach(path), /pid 4711.*looptop 9\.9\.9 with protocol 2, this program has protocol 1/);
});

test('one that does not answer is given up in time', async (t) => {
  const path = await listener(t, () => {});
  const before = performance.now();
  await assert.rejects(reach(path), /does not answer \(200 ms\)/);
  assert.ok(performance.now() - before < 1500);
});

test('what is no supervisor is no client’s supervisor', async (t) => {
  for (const greeting of ['SSH-2.0-OpenSSH_9.2\n', '{"say":"done","id":1}\n', '17\n', 'null\n']) {
    const path = await listener(t, (socket) => socket.write(greeting));
    await assert.rejects(
      reach(path),
      (error) => error instanceof SocketError && !(error instanceof NoSupervisor),
      greeting,
    );
  }
  const closing = await listener(t, (socket) => socket.end());
  await assert.rejects(reach(closing), /closed the connection/);
});

test('a command whose supervisor dies is answered with what is known', async (t) => {
  const path = await listener(t, (socket) => {
    socket.write(welcome(1));
    socket.on('data', (chunk) => {
      if (chunk.includes('"command"')) socket.destroy();
    });
  });
  const client = await reach(path);
  assert.deepEqual([client.version, client.pid], ['9.9.9', 4711]);
  const answer = await client.send({ do: 'reload' });
  assert.ok(!answer.ok && answer.code === 1);
  assert.match(answer.text, /no answer: .*; whether it was done is unknown/);
  assert.match(await client.closed, /closed the connection|cannot talk/);
  const late = await client.send({ do: 'reload' });
  assert.match(late.text, /^not sent: /);
});

test('the reason that the supervisor gives is the reason', async (t) => {
  const path = await listener(t, (socket) => socket.end(`${welcome(1)}{"say":"bye","text":"going down"}\n`));
  assert.equal(await (await reach(path)).closed, 'going down');
});

test('a client that closes does not wait for a supervisor that is stuck', async (t) => {
  const path = await listener(t, (socket) => socket.pause().write(welcome(1)));
  const client = await reach(path);
  client.close();
  assert.equal(await client.closed, 'closed by this program');
});
