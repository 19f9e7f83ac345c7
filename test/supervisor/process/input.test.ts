import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adopt, untilExit } from '../../../source/supervisor/process/adopt.ts';
import { signalProcess } from '../../../source/supervisor/process/identity.ts';
import { closeInput, tell } from '../../../source/supervisor/process/input.ts';
import { SHIM } from '../../../source/supervisor/process/shim.ts';
import { tree } from '../../../source/supervisor/process/tree/tree.ts';
import { arena, until } from './arena.ts';

const never = new AbortController().signal;
const reader = 'while IFS= read -r line; do printf "%s: %.8s\\n" "${#line}" "$line"; done; echo END';
const echo = ['sh', '-c', reader] as const;

test('guidance arrives after a first input of any size, and closing the input ends it', async (t) => {
  const { dir, out, start } = arena(t);
  const first = `${'x'.repeat(200_000)}\nsecond\n`;
  const launched = await start(echo, { stdin: { kind: 'live', first } });
  assert.equal(await tell(dir(), 'a note'), true);
  assert.equal(await tell(dir(), 'y'.repeat(100_000)), true);
  await until('the long note is read', () => out().includes('100000'));
  await closeInput(dir());
  assert.deepEqual(await untilExit(dir(), launched, never), { code: 0, signal: null });
  assert.equal(out(), '200000: xxxxxxxx\n6: second\n6: a note\n100000: yyyyyyyy\nEND\n');
});

test('guidance waits until the first input is fed', async (t) => {
  const { dir, mark, out, startBy } = arena(t);
  const slow = SHIM.replace('cat "$looptop_dir/first"', 'sleep 0.3; echo first');
  assert.notEqual(slow, SHIM);
  startBy(slow, 'live', echo);
  while ((await adopt(dir(), mark)).found !== 'alive');
  assert.equal(await tell(dir(), 'note'), true);
  await until('both are read', () => out().includes('note'));
  assert.equal(out(), '5: first\n4: note\n');
});

test('the input stays open while nobody writes', async (t) => {
  const { dir, out, start } = arena(t);
  const launched = await start(echo, { stdin: { kind: 'live', first: '' } });
  assert.equal(await tell(dir(), 'one'), true);
  await until('it was read', () => out() === '3: one\n');
  assert.equal(await tell(dir(), 'two'), true);
  await until('it was read', () => out() === '3: one\n3: two\n');
  await closeInput(dir());
  await untilExit(dir(), launched, never);
});

test('closing the input at once loses nothing of the first input', async (t) => {
  const { dir, out, start } = arena(t);
  const launched = await start(['wc', '-c'], { stdin: { kind: 'live', first: 'z'.repeat(300_000) } });
  await closeInput(dir());
  await closeInput(dir());
  await untilExit(dir(), launched, never);
  assert.equal(out().trim(), '300000');
});

test('nobody is told when the agent has ended, when its input is closed, and when it has none', async (t) => {
  const { dir, out, start } = arena(t);
  const live = { kind: 'live', first: '' } as const;
  await start(['sh', '-c', 'exec <&-; echo deaf; sleep 60'], { agent: 'deaf', stdin: live });
  await until('it reads no more', () => out('deaf') === 'deaf\n');
  assert.equal(await tell(dir('deaf'), 'hello?'), false);

  await start(['sleep', '60'], { agent: 'open', stdin: live });
  await closeInput(dir('open'));
  assert.equal(await tell(dir('open'), 'too late'), false);

  const ended = await start(['true'], { agent: 'ended', stdin: live });
  await untilExit(dir('ended'), ended, never);
  assert.equal(await tell(dir('ended'), 'too late'), false);
  await closeInput(dir('ended'));

  await start(['sleep', '60'], { agent: 'none' });
  assert.equal(await tell(dir('none'), 'to nobody'), false);
  await closeInput(dir('none'));
});

test('an agent whose shim dies reads end of file', async (t) => {
  const { dir, mark, out, start } = arena(t);
  await start(echo, { stdin: { kind: 'live', first: '' } });
  const [shim] = tree(mark, []).shims;
  assert.ok(shim);
  signalProcess(shim.process, 'SIGKILL');
  await until('it ended', () => out() === 'END\n');
  assert.equal(await tell(dir(), 'anyone?'), false);
});
