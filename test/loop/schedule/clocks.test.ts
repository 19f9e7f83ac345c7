/** Whatever the clock does, an instant fires once; awake it is never missed, and what was slept through is caught up with as the file says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Heartbeat } from '../../../source/loop/definition/definition.ts';
import { BY_HAND } from '../../../source/loop/definition/heartbeat.ts';
import { dueAt, nextInstant, type Timetable } from '../../../source/loop/schedule/instants.ts';
import { Clockwork } from './clockwork.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Later than this it counts as slept through. */
const LATE = MINUTE;
/** What a clock that was set back may take to be noticed. */
const NOTICED = 10_000;
const at = (text: string) => Date.parse(text);

const quarter = { everyMs: 15 * MINUTE, expiresMs: 365 * DAY };
const START = at('2026-03-02T08:00:00Z');

test('awake, every instant fires once, at its time', () => {
  const clock = new Clockwork(START, { triage: quarter });
  clock.awake(DAY, 40);
  assert.equal(clock.fired.length, 96);
  assert.ok(clock.fired.every((fired) => fired.stamped - fired.at <= 40 && !fired.missed));
  assert.deepEqual(
    clock.ran,
    clock.fired.map(({ key }) => key),
  );
});

for (const [catchUp, expected] of [
  ['one', ['11:00']],
  ['none', []],
] as const) {
  test(`three hours of sleep, catch-up ${catchUp}`, () => {
    const clock = new Clockwork(START, { triage: { ...quarter, catchUp } });
    clock.awake(5 * MINUTE);
    clock.jump(3 * HOUR, true);
    const times = () => clock.fired.map((fired) => new Date(fired.at).toISOString().slice(11, 16));
    assert.deepEqual(times(), expected);
    assert.deepEqual(
      clock.skipped.map(({ why }) => why),
      catchUp === 'none' ? ['missed: nobody was awake'] : [],
    );
    clock.awake(15 * MINUTE);
    assert.deepEqual(times(), [...expected, '11:15'], 'and then it goes on as ever');
  });
}

test('a clock that was set back fires nothing again, and goes on where it had been', () => {
  const clock = new Clockwork(START, { triage: quarter });
  clock.awake(2 * HOUR);
  clock.jump(-HOUR, false);
  clock.awake(HOUR - 1);
  assert.equal(clock.fired.length, 8);
  clock.awake(HOUR + 1);
  assert.equal(clock.fired.length, 12);
  assert.equal(new Set(clock.fired.map((fired) => fired.at)).size, 12);
});

test('a clock that was wrong by a year does not stop a loop for a year', () => {
  const clock = new Clockwork(START, { triage: { ...quarter, expiresMs: 1000 * DAY } });
  clock.awake(HOUR);
  clock.jump(365 * DAY, true);
  clock.awake(HOUR);
  clock.jump(-365 * DAY, true);
  const before = clock.fired.length;
  clock.awake(2 * HOUR);
  // The hour that the wrong clock took has passed on the right one, too.
  assert.equal(clock.fired.length - before, 8);
});

type Move =
  | { readonly do: 'awake'; readonly ms: number; readonly late: number }
  | { readonly do: 'sleep' | 'forward' | 'back'; readonly ms: number; readonly lookFirst: boolean }
  | { readonly do: 'crash' };

const long = fc.integer({ min: 1, max: 5 * HOUR });
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('awake' as const), ms: long, late: fc.integer({ min: 0, max: 3000 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('sleep', 'forward', 'back'), ms: long, lookFirst: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);

/** Nights in which clocks change, and one in which they do not. */
const NIGHTS = [
  '2026-03-28T20:00Z',
  '2026-10-24T20:00Z',
  '2026-03-08T02:00Z',
  '2026-11-01T01:00Z',
  '2026-06-10T20:00Z',
].map(at);

const heartbeat: fc.Arbitrary<Partial<Heartbeat>> = fc.record({
  everyMs: fc.constantFrom(null, 15 * MINUTE, 7 * MINUTE + 1, 2 * HOUR),
  cron: fc.constantFrom('30 2 * * *', '*/20 * * * *', '15,45 1-3 * * *', '0 3 * * *'),
  timezone: fc.constantFrom('Europe/Berlin', 'America/New_York'),
  jitterMs: fc.constantFrom(0, 5 * MINUTE),
  catchUp: fc.constantFrom('none', 'one'),
});

function instantsIn(table: Timetable, from: number, to: number): number[] {
  const found: number[] = [];
  for (let next = nextInstant(table, from); next !== null; next = nextInstant(table, next.at)) {
    const due = dueAt('triage', table, next);
    if (due > to) break;
    if (due > from) found.push(next.at);
  }
  return found;
}

test('any sequence of waking, sleeping, setting of the clock and crashes: nothing twice, nothing missed awake, caught up once', () => {
  let awake = 0;
  let slept = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...NIGHTS),
      heartbeat,
      fc.array(move, { minLength: 3, maxLength: 9 }),
      (start, on, moves) => {
        const clock = new Clockwork(start, { triage: { ...on, expiresMs: 365 * DAY } });
        const anchor = clock.state.beats.triage?.grid.anchor ?? Number.NaN;
        const table = { on: { ...BY_HAND, ...on }, zone: on.timezone ?? 'UTC', anchor };
        const settled = () => new Set([...clock.fired, ...clock.skipped].map((each) => each.at));
        for (const step of moves) {
          const from = clock.now;
          const before = clock.fired.length;
          if (step.do === 'crash') clock.crash();
          else if (step.do === 'awake') {
            clock.awake(step.ms, step.late);
            const done = settled();
            // Looked at late, the last of them is still to come.
            const expected = instantsIn(table, from, clock.now - step.late);
            awake += expected.length;
            assert.deepEqual(
              expected.filter((instant) => !done.has(instant)),
              [],
              'missed awake',
            );
          } else {
            clock.jump(step.do === 'back' ? -step.ms : step.ms, step.lookFirst);
            const fired = clock.fired.slice(before);
            if (step.do === 'back')
              assert.ok(fired.every(({ at: instant }) => instant > clock.now - NOTICED - 5 * MINUTE));
            else {
              const missed = instantsIn(table, from, clock.now);
              slept += missed.length;
              assert.ok(fired.length <= 1, 'one firing for all that was slept through');
              if (on.catchUp === 'none')
                for (const { at: instant, trigger } of fired)
                  assert.ok(
                    clock.now -
                      dueAt('triage', table, { at: instant, trigger: trigger === 'cron' ? 'cron' : 'every' }) <=
                      LATE,
                  );
              const news = missed.filter((instant) => !settledBefore(clock, before, instant));
              if (on.catchUp === 'one' && news.length > 0)
                assert.deepEqual(
                  fired.map(({ at: instant }) => instant),
                  news.slice(-1),
                );
            }
          }
          const instants = clock.fired.map((fired) => fired.at);
          assert.equal(new Set(instants).size, instants.length, 'fired twice');
          assert.deepEqual([...clock.ran].sort(), clock.fired.map(({ key }) => key).sort(), 'each firing is one run');
        }
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(awake > 100 && slept > 100, `${awake} instants awake, ${slept} slept through`);
});

const settledBefore = (clock: Clockwork, fired: number, instant: number): boolean =>
  clock.fired.slice(0, fired).some((each) => each.at === instant) ||
  clock.skipped.some((each) => each.at === instant && each.stamped < clock.now);
