import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Heartbeat } from '../../../source/loop/definition/definition.ts';
import { BY_HAND } from '../../../source/loop/definition/heartbeat.ts';
import { isActiveAt, nextOpening, parseActive } from '../../../source/loop/schedule/active.ts';
import { dueAt, lastInstant, nextInstant, type Timetable } from '../../../source/loop/schedule/instants.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const utc = (text: string) => Date.parse(`${text}Z`);
const table = (on: Partial<Heartbeat>, zone = 'UTC', anchor = 0): Timetable => ({
  on: { ...BY_HAND, ...on },
  zone,
  anchor,
});

/** The next `count` instants as `MM-DDTHH:MM` in UTC. */
function instants(of: Timetable, from: string, count: number): string[] {
  const found: string[] = [];
  for (let at = utc(from); found.length < count; ) {
    const next = nextInstant(of, at);
    if (next === null) break;
    found.push(new Date(next.at).toISOString().slice(5, 16));
    at = next.at;
  }
  return found;
}

// Berlin: forward on 2026-03-29 at 01:00 UTC, back on 2026-10-25 at 01:00 UTC. New York: 2026-03-08 at 07:00, 2026-11-01 at 06:00.
const NIGHTS: readonly [zone: string, cron: string, from: string, instants: readonly string[]][] = [
  ['Europe/Berlin', '30 2 * * *', '2026-03-28T00:00', ['03-28T01:30', '03-29T01:00', '03-30T00:30']],
  ['Europe/Berlin', '30 2 * * *', '2026-10-24T00:00', ['10-24T00:30', '10-25T00:30', '10-26T01:30']],
  ['Europe/Berlin', '15,45 2 * * *', '2026-03-28T12:00', ['03-29T01:00', '03-30T00:15', '03-30T00:45']],
  ['Europe/Berlin', '15,45 2 * * *', '2026-10-24T12:00', ['10-25T00:15', '10-25T00:45', '10-26T01:15']],
  ['Europe/Berlin', '0 3 * * *', '2026-03-28T12:00', ['03-29T01:00', '03-30T01:00']],
  ['Europe/Berlin', '*/30 * * * *', '2026-03-29T00:00', ['03-29T00:30', '03-29T01:00', '03-29T01:30']],
  ['Europe/Berlin', '*/30 * * * *', '2026-10-25T00:00', ['10-25T00:30', '10-25T01:00', '10-25T01:30', '10-25T02:00']],
  ['America/New_York', '30 2 * * *', '2026-03-07T00:00', ['03-07T07:30', '03-08T07:00', '03-09T06:30']],
  ['America/New_York', '30 1 * * *', '2026-10-31T00:00', ['10-31T05:30', '11-01T05:30', '11-02T06:30']],
  ['America/New_York', '0 9 * * mon-fri', '2026-10-30T00:00', ['10-30T13:00', '11-02T14:00', '11-03T14:00']],
];

for (const [zone, cron, from, expected] of NIGHTS) {
  test(`${cron} in ${zone} from ${from}: a time of day comes once a day, whatever the clocks do`, () => {
    assert.deepEqual(instants(table({ cron, timezone: zone }, zone), from, expected.length), expected);
  });
}

test('what goes by elapsed time goes through every change of the clocks, also one by half an hour', () => {
  for (const [zone, day] of [
    ['Europe/Berlin', '2026-03-29T00:00'],
    ['Europe/Berlin', '2026-10-25T00:00'],
    ['America/New_York', '2026-03-08T06:00'],
    ['America/New_York', '2026-11-01T05:00'],
    ['Australia/Lord_Howe', '2026-04-04T14:00'],
    ['Australia/Lord_Howe', '2026-10-03T14:00'],
  ] as const) {
    let count = 0;
    const of = table({ cron: '*/15 * * * *' }, zone);
    const to = utc(day) + 3 * HOUR;
    for (let next = nextInstant(of, utc(day) - 1); next !== null && next.at < to; next = nextInstant(of, next.at))
      count++;
    assert.equal(count, 12, `${zone} ${day}`);
  }
});

test('a line that names no day of any year has no instant', () => {
  assert.equal(nextInstant(table({ cron: '0 0 30 2 *' }), 0), null);
});

test('every goes by a grid from when it was armed, whatever the hour', () => {
  const of = table({ everyMs: 15 * MINUTE }, 'UTC', utc('2026-03-29T00:07'));
  assert.deepEqual(instants(of, '2026-03-28T00:00', 3), ['03-29T00:22', '03-29T00:37', '03-29T00:52']);
});

test('within active hours the grid goes on where it would be', () => {
  const active = parseActive('08:00-19:00 mon-fri');
  const of = table({ everyMs: 6 * HOUR, active }, 'Europe/Berlin', utc('2026-03-27T05:00'));
  // 10 o'clock in Berlin is 09:00 UTC before the 29th (a Sunday) and 08:00 UTC after it.
  assert.deepEqual(instants(of, '2026-03-27T00:00', 5), [
    '03-27T11:00',
    '03-27T17:00',
    '03-30T11:00',
    '03-31T11:00',
    '04-01T11:00',
  ]);
});

test('a grid that never meets its hours has no instant, and is not looked for forever', () => {
  const of = table({ everyMs: DAY, active: parseActive('08:00-09:00') }, 'UTC', utc('2026-03-29T12:00'));
  assert.equal(nextInstant(of, utc('2026-03-29T12:00')), null);
});

test('hours over midnight belong to the day they begin on', () => {
  const night = parseActive('22:00-02:00 fri');
  assert.ok(night);
  const at = (text: string) => isActiveAt(night, 'Europe/Berlin', Date.parse(text));
  assert.equal(at('2026-03-27T21:59:59+01:00'), false);
  assert.equal(at('2026-03-27T22:00:00+01:00'), true);
  assert.equal(at('2026-03-28T01:59:00+01:00'), true, 'Saturday morning is still Friday night');
  assert.equal(at('2026-03-28T02:00:00+01:00'), false);
  assert.equal(at('2026-03-28T23:00:00+01:00'), false);
  assert.equal(
    nextOpening(night, 'Europe/Berlin', Date.parse('2026-03-28T00:00:00+01:00')),
    Date.parse('2026-04-03T22:00:00+02:00'),
  );
});

const anyTable: fc.Arbitrary<Timetable> = fc
  .record({
    everyMs: fc.option(fc.integer({ min: 60, max: 90_000 }).map((seconds) => seconds * 1000)),
    cron: fc.option(fc.constantFrom('*/15 * * * *', '30 2 * * *', '0 9 * * 1-5', '7 */6 * * *', '15,45 2 * * *')),
    active: fc.option(fc.constantFrom('08:00-19:00 mon-fri', '22:00-06:00', '02:15-02:45', 'sat,sun')),
    jitterMs: fc.constantFrom(0, 5_000, HOUR),
    zone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'UTC', 'Australia/Lord_Howe'),
    anchor: fc.integer({ min: utc('2026-01-01T00:00'), max: utc('2026-12-31T00:00') }),
  })
  .map(({ zone, anchor, active, ...on }) =>
    table({ ...on, active: active === null ? null : parseActive(active) }, zone, anchor),
  );
const anyTime = fc.integer({ min: utc('2026-01-01T00:00'), max: utc('2026-12-31T00:00') });

test('instants rise, lie within the hours, and none lies between an instant and the next', () => {
  fc.assert(
    fc.property(anyTable, anyTime, fc.integer({ min: 1, max: 3 * DAY }), (of, from, step) => {
      const next = nextInstant(of, from);
      if (next === null) return;
      assert.ok(next.at > from);
      if (of.on.active !== null) assert.ok(isActiveAt(of.on.active, of.zone, next.at));
      const between = Math.min(from + step, next.at - 1);
      assert.deepEqual(nextInstant(of, between), next, 'asked from anywhere before it, it is the next');
    }),
    { numRuns: 40 },
  );
});

test('the last instant is the one after which the next is too late', () => {
  fc.assert(
    fc.property(anyTable, anyTime, fc.integer({ min: 1, max: 6 * HOUR }), (of, from, span) => {
      const last = lastInstant(of, from, from + span);
      const next = nextInstant(of, last?.at ?? from);
      assert.ok(next === null || next.at > from + span);
      if (last !== null) assert.ok(last.at > from && last.at <= from + span);
    }),
    { numRuns: 40 },
  );
});

test('jitter delays within its bounds, always alike, and never past the next instant', () => {
  const delays = new Set<number>();
  fc.assert(
    fc.property(anyTable, anyTime, (of, from) => {
      const instant = nextInstant(of, from);
      if (instant === null) return;
      const due = dueAt('triage', of, instant);
      assert.equal(due, dueAt('triage', of, instant));
      assert.ok(due >= instant.at && due - instant.at <= of.on.jitterMs);
      const next = nextInstant(of, instant.at);
      if (next !== null) assert.ok(due - instant.at <= (next.at - instant.at) / 2);
      if (of.on.jitterMs === HOUR) delays.add(due - instant.at);
    }),
    { numRuns: 40 },
  );
  assert.ok(delays.size > 3, 'instants are delayed differently');
});
