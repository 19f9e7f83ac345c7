import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunState } from '../../source/loop/state.ts';
import { Caller } from '../../source/pane/heed.ts';
import { fleet, NOW, run } from './fleet-fixture.ts';

const asks = (number: number, since = NOW): RunState =>
  run('docs', number, {
    status: { tag: 'open', phase: 'making', hold: { kind: 'waiting', ask: 'q', question: 'Which?', since } },
  });

test('it rings once for each run that begins to wait, and not for what waited already', () => {
  const caller = new Caller();
  const rings = [
    [asks(1)],
    [asks(1)],
    [asks(1), asks(2)],
    [asks(1), asks(2)],
    [asks(2)],
    // Asked, answered and asked again.
    [asks(2, NOW + 5000)],
  ].map((runs) => caller.heed(fleet(runs), NOW).ring);
  assert.deepEqual(rings, [false, false, true, false, false, true]);
});

test('the title says how many wait, and is only set when it changes', () => {
  const caller = new Caller();
  const titles = [[], [], [asks(1)], [asks(1), asks(2)], []].map((runs) => caller.heed(fleet(runs), NOW).title);
  assert.deepEqual(titles, [
    'looptop shop',
    null,
    '1 needs you · looptop shop',
    '2 need you · looptop shop',
    'looptop shop',
  ]);
});
