import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FIX, Stage } from './stage.ts';

const usage = { input: 100, cacheRead: 0, cacheWrite: 0, output: 50 };
const scenario = { usage, passes: [[FIX, { done: 'Done.' }]] };

test('a loop fires by itself, again and again', async () => {
  await using stage = await Stage.set([{ name: 'fix', front: { on: { every: '2s' } }, scenario }]);
  await stage.must('up');
  await stage.until('fix-2', (run) => run.state === 'review');
  await sleep(10);
  const fired = (await stage.events()).flatMap(({ event }) => (event.type === 'fired' ? [event.key] : []));
  assert.ok(fired.length >= 2);
  assert.equal(new Set(fired).size, fired.length);
});
