import assert from 'node:assert/strict';
import { test } from 'node:test';
import { order } from '../../source/pane/order.ts';
import { nineRuns } from './fleet-fixture.ts';

const names = () => {
  const { live, done } = order(nineRuns(), '');
  return { live: live.map(({ id }) => id), done: done.map(({ id }) => id) };
};

test('what waits for a person is first, the rest by age, what is finished apart with the newest first', () => {
  assert.deepEqual(names(), {
    live: ['ci-fix-12', 'burn-3', 'docs-9', 'queue-1', 'visual-4', 'refactor-7'],
    done: ['docs-2', 'spiral-1', 'ci-fix-11'],
  });
});

test('the order does not depend on the order of the runs', () => {
  const reversed = order(nineRuns().reverse(), '');
  assert.deepEqual(
    reversed.live.map(({ id }) => id),
    names().live,
  );
});
