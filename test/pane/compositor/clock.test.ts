import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PaintClock } from '../../../source/pane/compositor/clock.ts';

// Upper bounds hold on any machine; that frames come at all is asserted loosely, for a machine under load.

async function during(ms: number, work: () => void): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    work();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

test('ambient changes are painted ten times a second, however many there are', async () => {
  const paints: number[] = [];
  const clock = new PaintClock(() => paints.push(performance.now()));
  await during(550, () => clock.invalidate());
  clock.stop();
  assert.ok(paints.length <= 6 && paints.length >= 2, `${paints.length} frames in 550 ms`);
});

test('held keys are painted thirty times a second and no more', async () => {
  const paints: number[] = [];
  const clock = new PaintClock(() => paints.push(performance.now()));
  await during(1000, () => {
    clock.key();
    clock.invalidate();
  });
  clock.stop();
  assert.ok(paints.length <= 31 && paints.length >= 3, `${paints.length} frames in a second`);
});

test('what a key changes is painted at once, just after an ambient frame too', async () => {
  let painted = 0;
  const clock = new PaintClock(() => painted++);
  clock.invalidate();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(painted, 1);
  clock.key();
  clock.invalidate();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assert.equal(painted, 2);
  clock.stop();
});

test('a key answers for what had changed before it', async () => {
  let painted = 0;
  const clock = new PaintClock(() => painted++);
  clock.invalidate();
  await new Promise((resolve) => setTimeout(resolve, 20));
  clock.invalidate();
  clock.key();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assert.equal(painted, 2);
  clock.stop();
});

test('a stopped clock paints nothing more, and nothing when nothing changed', async () => {
  let painted = 0;
  const clock = new PaintClock(() => painted++);
  clock.key();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(painted, 0);
  clock.invalidate();
  clock.stop();
  await new Promise((resolve) => setTimeout(resolve, 130));
  assert.equal(painted, 0);
});
