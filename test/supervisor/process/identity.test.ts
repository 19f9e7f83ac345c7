import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { identify, isAlive } from '../../../source/supervisor/process/identity.ts';

test('a process is the same one as long as it lives, stopped or not, and none once it is dead', async () => {
  const child = spawn('sleep', ['30'], { stdio: 'ignore' });
  try {
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const identity = identify(pid);
    assert.ok(identity);
    assert.equal(identity.pid, pid);
    child.kill('SIGSTOP');
    assert.ok(isAlive(identity));
    child.kill('SIGKILL');
    // No turn of the event loop, so nobody has reaped it: it is a zombie.
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
    assert.equal(isAlive(identity), false);
    await once(child, 'close');
    assert.equal(isAlive(identity), false);
    assert.equal(identify(pid), null);
  } finally {
    child.kill('SIGKILL');
  }
});

test('another start time or boot is another process', () => {
  const self = identify(process.pid);
  assert.ok(self && isAlive(self));
  assert.equal(isAlive({ ...self, startTime: '1' }), false);
  assert.equal(isAlive({ ...self, bootId: '1' }), false);
});

test('a name with spaces and brackets does not shift the fields', async () => {
  const child = spawn('sh', ['-c', 'printf "a) Z 1 (b" > /proc/self/comm && read _'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  try {
    const pid = child.pid ?? 0;
    while (!readFileSync(`/proc/${pid}/stat`, 'utf8').includes('(a) Z 1 (b)'));
    assert.match(identify(pid)?.startTime ?? '', /^\d{3,}$/);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});
