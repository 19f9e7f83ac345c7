import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, RunEvent } from '../../source/loop/event.ts';
import { clock, describe } from '../../source/loop/plain.ts';
import type { FleetState, RunState } from '../../source/loop/state.ts';
import { fleet, meter, NOW, pass, run } from '../pane/fleet-fixture.ts';

process.env.TZ = 'UTC';

const one = run('ci-fix', 12, { pass: 3, meter: meter(212_410, 1.84) });
const at = (event: Event) => ({ seq: 1, at: NOW, day: '2026-11-23', event });
const say = (event: Event, after: RunState = one, before: RunState = one) =>
  describe(fleet([before]), fleet([after]), at(event));
type WithoutRun<E> = E extends RunEvent ? Omit<E, 'run'> : never;
const of = (event: WithoutRun<RunEvent>) => ({ run: one.id, ...event }) as RunEvent;

test('a red gate is one line with the failure, the spend and its limit', () => {
  assert.equal(
    say(
      of({
        type: 'gate-ended',
        pass: 3,
        gate: 'unit',
        status: 'red',
        exit: 1,
        ms: 4200,
        fingerprint: 'f',
        summary: 'expected 3 calls, saw 2',
        tail: '',
      }),
    ),
    '14:03:07 ci-fix-12 pass 3 red: unit exit 1 (expected 3 calls, saw 2); 212k/600k $1.84',
  );
});

test('what nobody waits for says nothing', () => {
  const agent = one.agent?.id;
  assert.ok(agent !== undefined);
  assert.equal(say(of({ type: 'agent-read', agent, offset: 10, events: [] })), null);
  assert.equal(say(of({ type: 'gate-started', pass: 3, gate: 'unit' })), null);
  assert.equal(say({ type: 'loop-gone', name: 'x' }), null);
});

test('a question is said once, when it begins to wait', () => {
  const waiting = run('ci-fix', 12, {
    status: { tag: 'open', phase: 'making', hold: { kind: 'waiting', ask: 'q', question: 'Which?', since: NOW } },
  });
  const agent = one.agent?.id;
  assert.ok(agent !== undefined);
  const read = of({ type: 'agent-read', agent, offset: 10, events: [] });
  assert.equal(say(read, waiting), '14:03:07 ci-fix-12 asks: Which?');
  assert.equal(say(read, waiting, waiting), null);
});

test('the green that follows from the last gate is said although no event names it', () => {
  const green = run('ci-fix', 12, {
    status: { tag: 'open', phase: 'green', hold: null },
    passes: [pass(1, '+++')],
    meter: meter(1000, 0.01),
  });
  assert.equal(
    say(
      of({
        type: 'gate-ended',
        pass: 3,
        gate: 'unit',
        status: 'green',
        exit: 0,
        ms: 1,
        fingerprint: null,
        summary: '',
        tail: '',
      }),
      green,
    ),
    '14:03:07 ci-fix-12 green: every required gate passed; 1k/600k $0.01',
  );
});

test('no agent can put a second line or an escape sequence into the log', () => {
  const said = say(of({ type: 'paused', why: 'agent', detail: 'boom\n\u001b[2J\u0007fake line' }));
  assert.ok(said !== null);
  assert.doesNotMatch(said, /[\u0000-\u001f]/);
  const long = say(of({ type: 'run-failed', why: 'agent', detail: 'x'.repeat(5000) }));
  assert.ok(long !== null && long.length <= 300);
});

test('fleet events that concern a person are said', () => {
  const before: FleetState = fleet([]);
  const plain = (event: Event) => describe(before, before, at(event));
  assert.match(plain({ type: 'disk-full', detail: '0 bytes left' }) ?? '', /disk is full.*0 bytes left/);
  assert.match(
    plain({
      type: 'loop-read',
      name: 'a',
      path: 'loops/a.md',
      trusted: false,
      definition: null,
      problems: ['line 3: no gates'],
    }) ?? '',
    /loop a cannot run: line 3: no gates/,
  );
});

test('the clock is local time with seconds', () => {
  assert.equal(clock(NOW), '14:03:07');
});
