import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { adopt, untilExit } from '../../../source/supervisor/process/adopt.ts';
import { identify, signalProcess } from '../../../source/supervisor/process/identity.ts';
import { SHIM } from '../../../source/supervisor/process/shim.ts';
import { tree } from '../../../source/supervisor/process/tree/tree.ts';
import { arena, fixture, until } from './arena.ts';

const never = new AbortController().signal;

test('an agent outlives its supervisor: nothing it prints is lost, and its exit code is kept', async (t) => {
  const { dir, mark, out } = arena(t);
  mkdirSync(dir());
  const script = 'n=0; while [ $n -lt 60 ]; do echo line $n; n=$((n + 1)); sleep 0.01; done; exit 7';
  const supervisor = spawn(process.execPath, [fixture('supervisor.ts'), dir(), mark, 'sh', '-c', script]);
  t.after(() => supervisor.kill('SIGKILL'));
  const [line] = await once(supervisor.stdout, 'data');
  supervisor.kill('SIGKILL');
  await once(supervisor, 'exit');

  const adopted = await adopt(dir(), mark);
  assert.ok(adopted.found === 'alive', adopted.found);
  assert.deepEqual(adopted.launched, JSON.parse(String(line)));
  assert.deepEqual(await untilExit(dir(), adopted.launched, never), { code: 7, signal: null });
  assert.equal(out(), Array.from({ length: 60 }, (_, n) => `line ${n}\n`).join(''));
  assert.deepEqual(await adopt(dir(), mark), { found: 'ended', code: 7, signal: null });
});

test('a folder that nobody claimed has no agent', async (t) => {
  const { dir, mark } = arena(t);
  assert.deepEqual(await adopt(dir(), mark), { found: 'none' });
  mkdirSync(dir());
  assert.deepEqual(await adopt(dir(), mark), { found: 'none' });
});

test('an agent whose shim died before it could write anything is lost', async (t) => {
  const { dir, mark } = arena(t);
  mkdirSync(join(dir(), 'claim'), { recursive: true });
  assert.deepEqual(await adopt(dir(), mark), { found: 'lost' });
});

test('an agent of an earlier boot is lost, even when its pid is somebody now', async (t) => {
  const { dir, mark } = arena(t);
  const self = identify(process.pid);
  assert.ok(self);
  mkdirSync(join(dir(), 'claim'), { recursive: true });
  const line = `${self.pid} ${self.startTime} 00000000-0000-0000-0000-000000000000`;
  writeFileSync(join(dir(), 'claim', 'shim'), `${line}\n`);
  writeFileSync(join(dir(), 'pid'), `${line} marked\n`);
  assert.deepEqual(await adopt(dir(), mark), { found: 'lost' });
});

// A real shim, slowed down where a supervisor may die and another one look.
for (const [where, before] of [
  ['between its claim and its name', 'exec 2>>'],
  ['between its name and the start of the agent', 'exec 2>"$looptop_dir/claim/messages"'],
] as const) {
  test(`a shim that is found ${where} is waited for`, async (t) => {
    const { dir, mark, startBy } = arena(t);
    const slow = SHIM.replace(before, `sleep 0.4\n${before}`);
    assert.notEqual(slow, SHIM);
    startBy(slow, 'none', ['sleep', '60']);
    const found = async () => (await adopt(dir(), mark)).found;
    let answer = await found();
    while (answer === 'none') answer = await found();
    assert.equal(answer, 'alive');
  });
}

test('an agent whose shim was killed is seen to end, its exit code unknown', async (t) => {
  const { dir, mark, start } = arena(t);
  const launched = await start(['sleep', '60']);
  const [shim] = tree(mark, []).shims;
  assert.ok(shim);
  signalProcess(shim.process, 'SIGKILL');
  await until('the shim is gone', () => tree(mark, []).shims.length === 0);
  const adopted = await adopt(dir(), mark);
  assert.deepEqual(adopted, { found: 'alive', launched });
  const ended = untilExit(dir(), launched, never);
  signalProcess(launched.process, 'SIGKILL');
  assert.deepEqual(await ended, { code: null, signal: null });
  assert.deepEqual(await adopt(dir(), mark), { found: 'lost' });
});

test('an agent that signals its whole group does not take its shim along', async (t) => {
  const { dir, start } = arena(t);
  const launched = await start(['sh', '-c', 'kill -KILL 0']);
  assert.deepEqual(await untilExit(dir(), launched, never), { code: 137, signal: 'SIGKILL' });
});

test('waiting for an end can be given up', async (t) => {
  const { dir, start } = arena(t);
  const launched = await start(['sleep', '60']);
  const giveUp = new AbortController();
  const ended = untilExit(dir(), launched, giveUp.signal);
  giveUp.abort(new Error('enough'));
  await assert.rejects(ended, /enough/);
  assert.match(readFileSync(join(dir(), 'pid'), 'utf8'), new RegExp(`^${launched.process.pid} `));
});
