/** Real processes: an agent behind a bridge and a launcher, each of which would go on if only the first were stopped. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { release, stop } from '../../../source/supervisor/process/brake.ts';
import { identify } from '../../../source/supervisor/process/identity.ts';

const stateOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.[0];

test('a bridge, its launcher and its agent stop and go on together, whatever group they are in', async (t) => {
  if (process.platform !== 'linux') return t.skip('the kernel lists children on Linux only');
  // Three generations, each in a session of its own, that print their pids.
  const agent = 'setsid sh -c "echo \\$\\$; sleep 1006 & wait"';
  const launcher = `setsid sh -c 'echo $$; ${agent} & wait'`;
  const bridge = spawn('sh', ['-c', `echo $$; ${launcher} & wait`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const pids: number[] = [];
  try {
    for await (const line of createInterface({ input: bridge.stdout })) {
      pids.push(Number(line));
      if (pids.length === 3) break;
    }
    const identity = identify(bridge.pid ?? 0);
    assert.ok(identity);
    stop(identity);
    await sleep(50);
    assert.deepEqual(pids.map(stateOf), ['T', 'T', 'T']);
    release(identity);
    await sleep(50);
    assert.deepEqual(pids.map(stateOf), ['S', 'S', 'S']);
  } finally {
    for (const pid of pids) process.kill(-pid, 'SIGKILL');
  }
});
