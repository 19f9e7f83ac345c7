import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { identify, isAlive, signalGroup, signalProcess } from '../../../source/supervisor/process/identity.ts';
import { arena, end, until } from './arena.ts';

test('a process is known by its pid, its start and the boot of the machine', () => {
  const self = identify(process.pid);
  assert.ok(self);
  assert.equal(self.pid, process.pid);
  assert.match(self.startTime, /^\d+$/);
  assert.match(self.bootId, /^[0-9a-f-]{36}$/);
  assert.equal(isAlive(self), true);
  assert.equal(identify(2 ** 30), null);
});

test('nobody is signalled under the pid of a process that is gone', async (t) => {
  const child = spawn('sleep', ['60']);
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  const real = identify(child.pid ?? 0);
  assert.ok(real);
  const earlier = { ...real, startTime: String(Number(real.startTime) - 1) };
  const otherBoot = { ...real, bootId: '00000000-0000-0000-0000-000000000000' };
  for (const stranger of [earlier, otherBoot]) {
    assert.equal(isAlive(stranger), false);
    assert.equal(signalProcess(stranger, 'SIGKILL'), false);
    assert.equal(signalGroup(stranger, 'SIGKILL'), false);
  }
  assert.equal(isAlive(real), true);
  assert.equal(signalProcess(real, 'SIGTERM'), true);
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGTERM');
  assert.equal(isAlive(real), false);
});

test('a zombie is dead', async (t) => {
  const { root } = arena(t);
  // The child ends at once; its parent sleeps instead of waiting for it.
  const parent = spawn('sh', ['-c', 'sh -c "echo \\$\\$; read -r _" <&0 & exec sleep 60'], { cwd: root });
  t.after(() => end(parent.pid ?? 0));
  const [line] = await once(parent.stdout, 'data');
  const child = identify(Number(String(line)));
  assert.ok(child);
  parent.stdin.end('\n');
  await until('the child is a zombie', () => !isAlive(child));
  assert.equal(identify(child.pid)?.startTime, child.startTime, 'it still has its place in the table');
  assert.equal(signalProcess(child, 'SIGKILL'), false);
});
