import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetState, RunState } from '../../source/loop/state.ts';
import { Caller } from '../../source/pane/heed.ts';
import { definition, fleet, NOW, run } from './fleet-fixture.ts';

const asks = (number: number, since = NOW, changes: Partial<RunState> = {}): RunState =>
  run('docs', number, {
    status: { tag: 'open', phase: 'making', hold: { kind: 'waiting', ask: 'q', question: 'Which?', since } },
    ...changes,
  });

const heeds = (...fleets: readonly FleetState[]) => {
  const caller = new Caller();
  return fleets.map((each) => caller.heed(each, NOW));
};

test('it calls once for each run that begins to wait, and not for what waited already', () => {
  const called = heeds(
    ...[
      [asks(1)],
      [asks(1)],
      [asks(1), asks(2)],
      [asks(1), asks(2)],
      [asks(2)],
      // Asked, answered and asked again.
      [asks(2, NOW + 5000)],
    ].map((runs) => fleet(runs)),
  );
  assert.deepEqual(
    called.map(({ ring }) => ring),
    [false, false, true, false, false, true],
  );
  assert.deepEqual(
    called.map(({ notice }) => notice),
    [null, null, 'docs-2 asks: Which?', null, null, 'docs-2 asks: Which?'],
  );
});

test('several at once are one notice, and a draft that waited behind a question is not new when that is answered', () => {
  const draft = { text: 'Use fake timers', scope: '**', gate: 'unit', fingerprint: 'f', pass: 1 };
  const notices = heeds(
    fleet([]),
    fleet([asks(1), asks(2, NOW, { draft })]),
    fleet([asks(1), run('docs', 2, { draft })]),
  ).map(({ notice }) => notice);
  assert.deepEqual(notices, [null, 'docs-1 asks: Which? (and 2 more)', null]);
});

test('the title says how many wait, and is only set when it changes', () => {
  const titles = heeds(...[[], [], [asks(1)], [asks(1), asks(2)], []].map((runs) => fleet(runs))).map(
    ({ title }) => title,
  );
  assert.deepEqual(titles, [
    'looptop shop',
    null,
    '1 needs you · looptop shop',
    '2 need you · looptop shop',
    'looptop shop',
  ]);
});

test('a green run and a failed one call as their loop says, and a pause short of green too', () => {
  const heard = (status: RunState['status'], notify: Partial<RunState['definition']['notify']>) => {
    const made = definition('docs', { notify: { success: null, failure: null, ...notify } });
    const [, heed] = heeds(fleet([]), fleet([run('docs', 1, { definition: made, status })]));
    return [heed?.ring, heed?.notice !== null];
  };
  const green = { tag: 'open', phase: 'review', hold: null } as const;
  const failed = { tag: 'ended', end: { kind: 'exhausted', detail: '8 of 8 passes' }, at: NOW } as const;
  const stuck = {
    tag: 'open',
    phase: 'making',
    hold: { kind: 'paused', why: 'stuck', detail: 'again', since: NOW },
  } as const;
  assert.deepEqual(heard(green, {}), [false, false]);
  assert.deepEqual(heard(green, { success: 'bell' }), [true, false]);
  assert.deepEqual(heard(green, { success: 'desktop' }), [true, true]);
  assert.deepEqual(heard(failed, {}), [false, false]);
  assert.deepEqual(heard(failed, { failure: 'desktop' }), [true, true]);
  assert.deepEqual(heard(stuck, {}), [true, true]);
  assert.deepEqual(heard(stuck, { failure: 'bell' }), [true, false]);
  assert.deepEqual(heard(stuck, { failure: 'none', success: 'desktop' }), [false, false]);
});

test('what lands after it was green calls no second time', () => {
  const made = definition('docs', { notify: { success: 'bell', failure: null } });
  const [, first, second] = heeds(
    fleet([]),
    fleet([
      run('docs', 1, { definition: made, commit: 'c0ffee', status: { tag: 'open', phase: 'review', hold: null } }),
    ]),
    fleet([
      run('docs', 1, {
        definition: made,
        commit: 'c0ffee',
        status: { tag: 'ended', end: { kind: 'landed' }, at: NOW },
      }),
    ]),
  );
  assert.deepEqual([first?.ring, second?.ring], [true, false]);
});

test('a disk that is full calls', () => {
  const [, heed] = heeds(fleet([]), { ...fleet([]), disk: 'full' });
  assert.match(heed?.notice ?? '', /disk is full/);
});
