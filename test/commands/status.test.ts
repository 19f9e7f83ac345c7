/** The line of the status bar: what it counts, and its tmux colours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calendarDay, count, statusLine } from '../../source/commands/status.ts';
import { fleet, NOW, run, spend } from '../pane/fleet-fixture.ts';

const paused = (why: 'stuck' | 'operator') =>
  ({ tag: 'open', phase: 'making', hold: { kind: 'paused', why, detail: '', since: NOW } }) as const;

test('each open run is counted once: as needing you, at work, held or to be read', () => {
  const runs = [
    run('a', 1, { status: paused('stuck') }),
    run('b', 1),
    run('c', 1, { status: { tag: 'open', phase: 'gating', hold: null } }),
    run('d', 1, { status: paused('operator') }),
    run('e', 1, { status: { tag: 'open', phase: 'review', hold: null } }),
    run('f', 1, { status: { tag: 'ended', end: { kind: 'landed' }, at: NOW } }),
  ];
  const state = fleet(runs, { days: { '2026-11-23': spend(1000, 4.12) } });
  const figures = count(state, '2026-11-23', NOW);
  assert.deepEqual(figures, {
    needYou: 1,
    working: 2,
    held: 1,
    review: 1,
    usd: 4.12,
    usdCap: state.settings.daily.usd,
    next: null,
    unread: 0,
  });
});

test('yesterday is not today, and what has no price is not a sum', () => {
  const state = fleet([], { days: { '2026-11-22': spend(1000, 4), '2026-11-23': spend(1000, 1, true) } });
  assert.equal(count(state, '2026-11-24', NOW).usd, 0);
  assert.equal(count(state, '2026-11-23', NOW).usd, null);
});

test('zero counts are left out, and tmux gets its colours', () => {
  const figures = { needYou: 2, working: 6, held: 0, review: 3, usd: 4.12, usdCap: 25, next: null, unread: 0 };
  assert.match(statusLine(figures, false), /^looptop .2 .6 .3 \$4\.12\/\$25$/u);
  assert.match(statusLine(figures, true), /^looptop #\[fg=yellow,bold\].2#\[default\] #\[fg=green\].6#\[default\]/u);
  assert.equal(statusLine({ ...figures, usd: null, needYou: 0, working: 0, review: 0 }, false), 'looptop unpriced/$25');
  assert.equal(statusLine(null, false), 'looptop off');
});

test("a day is the operator's own", () => {
  assert.equal(calendarDay(new Date(2026, 0, 5, 23, 59)), '2026-01-05');
});
