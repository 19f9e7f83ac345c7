/** What speaks against a firing, what becomes of it, and how long a heart beats. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer } from '../../../source/loop/answer.ts';
import { decide } from '../../../source/loop/decide.ts';
import type { LoopDefinition } from '../../../source/loop/definition/definition.ts';
import { BY_HAND } from '../../../source/loop/definition/heartbeat.ts';
import { emptyFleet, fold, wholeFleet } from '../../../source/loop/fold.ts';
import { stateWord } from '../../../source/loop/run-status.ts';
import { parseActive } from '../../../source/loop/schedule/active.ts';
import { groupOf } from '../../../source/loop/schedule/busy.ts';
import { fire } from '../../../source/loop/schedule/fire.ts';
import { pulse } from '../../../source/loop/schedule/pulse.ts';
import { idleLoops, pulseWords, soonest } from '../../../source/loop/schedule/words.ts';
import { heard } from '../../../source/loop/schedule.ts';
import type { End } from '../../../source/loop/state.ts';
import { NO_TOKENS } from '../../../source/loop/tokens.ts';
import type { RunId } from '../../../source/loop/units.ts';
import { agentId, madeLoop, queued } from '../made-loop.ts';
import { Clockwork } from './clockwork.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-06-10T08:00:00Z');
const HOURLY = { everyMs: HOUR };

const words = (clock: Clockwork, loop: string) => {
  const found = pulse(clock.state, loop, clock.now);
  return found.is === 'by-hand' ? found.is : pulseWords(clock.state, found, clock.now);
};
const whys = (clock: Clockwork) => clock.skipped.map(({ why }) => why);
const end = (clock: Clockwork, run: string, kind: End) =>
  clock.happen({ type: 'run-ended', run: run as RunId, end: kind });
const killer = (clock: Clockwork, run: string): string => clock.state.runs[run]?.kill?.by ?? '';
const byHand = (clock: Clockwork, loop: string, item?: unknown) => {
  const said = answer(clock.state, { do: 'run', loop, item }, { by: 'you', now: clock.now, random: 'abc' });
  if ('refused' in said) throw new Error(said.refused);
  clock.happen(...said.events);
};

test('a firing is settled by its run once, whoever asks again', () => {
  const clock = new Clockwork(START, { triage: { watch: { paths: ['a'], debounceMs: 1 } } });
  clock.happen(...heard(clock.state, 'triage', { key: 'watch:1', trigger: 'watch', at: clock.now, item: null }));
  const first = fire(clock.state, 'triage', 'watch:1', { now: clock.now, random: 'a' });
  assert.deepEqual(
    first.map(({ type }) => type),
    ['run-queued'],
  );
  assert.deepEqual(fire(clock.state, 'triage', 'watch:2', { now: clock.now, random: 'b' }), [], 'not its turn');
  clock.happen(...first);
  assert.deepEqual(fire(clock.state, 'triage', 'watch:1', { now: clock.now, random: 'c' }), []);
});

test('the same firing twice in the journal is one', () => {
  const clock = new Clockwork(START, { triage: HOURLY });
  clock.endsRuns = false;
  clock.awake(HOUR);
  const fired = clock.journal.find(({ event }) => event.type === 'fired');
  assert.ok(fired);
  assert.equal(fold(clock.state, fired).beats, clock.state.beats);
});

test('while a run of it is open, a loop that says nothing skips; finished work that waits to be read is no run', () => {
  const clock = new Clockwork(START, { triage: HOURLY });
  clock.endsRuns = false;
  clock.awake(2 * HOUR);
  assert.deepEqual(whys(clock), ['triage-1 is not done']);
  assert.match(words(clock, 'triage'), /^next in 1h00, every 1h00; skipped 0ms ago: triage-1 is not done$/);
  end(clock, 'triage-1', { kind: 'killed', by: 'you' });
  clock.awake(HOUR);
  assert.deepEqual(Object.keys(clock.state.runs), ['triage-1', 'triage-2']);
});

test('queue: one more tick waits, and not a heap of them', () => {
  const clock = new Clockwork(START, { triage: HOURLY }, { whenBusy: 'queue' });
  clock.endsRuns = false;
  clock.awake(4 * HOUR);
  assert.deepEqual(Object.keys(clock.state.runs), ['triage-1', 'triage-2']);
  assert.deepEqual(whys(clock), ['triage-2 waits already', 'triage-2 waits already']);
});

test('queue: events differ from each other, so each waits for its run', () => {
  const clock = new Clockwork(START, { triage: { event: { run: 'x', match: null } } }, { whenBusy: 'queue' });
  clock.endsRuns = false;
  for (const line of ['a', 'b', 'c'])
    clock.happen(
      ...heard(clock.state, 'triage', { key: `event:${line}`, trigger: 'event', at: clock.now, item: { line } }),
    );
  clock.settle();
  assert.deepEqual(
    Object.values(clock.state.runs).map(({ item }) => item),
    [{ line: 'a' }, { line: 'b' }, { line: 'c' }],
  );
});

test('replace: the run at work is killed first, and only when it is dead the next begins', () => {
  const clock = new Clockwork(START, { triage: HOURLY }, { whenBusy: 'replace' });
  clock.endsRuns = false;
  clock.awake(HOUR + 1);
  assert.equal(killer(clock, 'triage-1'), '');
  clock.awake(HOUR);
  assert.match(killer(clock, 'triage-1'), /next firing/);
  assert.deepEqual(Object.keys(clock.state.runs), ['triage-1'], 'kill sent is not killed');
  clock.happen({ type: 'kill-confirmed', run: 'triage-1' as RunId, processes: 1, survivors: 0, ms: 1 });
  clock.settle();
  assert.deepEqual(Object.keys(clock.state.runs), ['triage-1', 'triage-2']);
});

test('a group shares its limit, whatever the item makes of its name', () => {
  const definition = madeLoop({ group: 'pr:{{item.number}}' });
  assert.equal(
    groupOf({ loop: 'a', definition, item: { number: 7 } }),
    groupOf({ loop: 'b', definition, item: { number: '7' } }),
  );
  assert.notEqual(
    groupOf({ loop: 'a', definition, item: { number: 7 } }),
    groupOf({ loop: 'a', definition, item: { number: 8 } }),
  );
  assert.equal(
    groupOf({ loop: 'a', definition, item: { number: { toString: 'x' } } }),
    groupOf({ loop: 'a', definition, item: null }),
  );
  assert.notEqual(
    groupOf({ loop: 'x', definition: madeLoop(), item: null }),
    groupOf({ loop: 'y', definition: madeLoop({ group: 'x' }), item: null }),
  );

  const clock = new Clockwork(START, { first: HOURLY, second: { everyMs: HOUR + MINUTE } }, { group: 'both' });
  clock.endsRuns = false;
  clock.awake(HOUR + 2 * MINUTE);
  assert.deepEqual(Object.keys(clock.state.runs), ['first-1']);
  assert.deepEqual(whys(clock), ['first-1 is not done']);
  byHand(clock, 'second');
  clock.settle();
  assert.equal(stateWord(clock.state.runs['second-1'] ?? assert.fail()), 'queued', 'by hand it waits in the queue');
});

test('cooldown counts from the last run, by hand too', () => {
  const clock = new Clockwork(START, { triage: { ...HOURLY, cooldownMs: 90 * MINUTE } });
  clock.now += 30 * MINUTE;
  byHand(clock, 'triage');
  end(clock, 'triage-1', { kind: 'discarded', by: 'you' });
  clock.awake(2 * HOUR);
  assert.deepEqual(whys(clock), ['cools down for 1h30, started 30m ago']);
  assert.equal(clock.ran.length, 1);
});

test('outside of its hours nothing that is heard starts a run', () => {
  const active = parseActive('09:00-10:00');
  const clock = new Clockwork(START, { triage: { watch: { paths: ['a'], debounceMs: 1 }, active } });
  const change = (key: string) =>
    clock.happen(...heard(clock.state, 'triage', { key, trigger: 'watch', at: clock.now, item: null }));
  change('watch:1');
  clock.settle();
  assert.deepEqual(whys(clock), ['outside of its hours, 09:00-10:00']);
  clock.now += HOUR;
  change('watch:2');
  clock.settle();
  assert.deepEqual(clock.ran, ['watch:2']);
});

test('while the caps are closed a firing is skipped and not put off, and the first of the next day is judged by that day', () => {
  const clock = new Clockwork(START, { triage: HOURLY, midnight: { cron: '0 0 * * *' } });
  clock.happen(queued(madeLoop(), 'fix-1' as RunId));
  const run = 'fix-1' as RunId;
  clock.happen(
    { type: 'prepared', run, worktree: '/w', branch: 'b', base: 'c' },
    {
      type: 'agent-planned',
      run,
      agent: agentId('1-maker'),
      wire: false,
      role: 'maker',
      engine: 'scripted',
      model: 'm',
      resumes: null,
      guidance: false,
      promptHash: '',
      rules: [],
      notes: [],
    },
    {
      type: 'agent-read',
      run,
      agent: agentId('1-maker'),
      offset: 1,
      events: [{ type: 'usage', key: 'a', model: 'm', tokens: { ...NO_TOKENS, output: 1 }, usd: 30, final: true }],
    },
    { type: 'run-ended', run, end: { kind: 'discarded', by: 'you' } },
    {
      type: 'agent-ended',
      run,
      agent: agentId('1-maker'),
      code: 0,
      signal: null,
      survivors: 0,
      stderr: '',
      tree: null,
      ms: 1,
    },
  );
  clock.awake(2 * HOUR);
  assert.deepEqual(
    whys(clock),
    Array.from({ length: 2 }, () => "no room under the cap: the fleet's day: $30.00 of $25.00"),
  );
  assert.deepEqual(clock.ran, []);
  clock.awake(14 * HOUR);
  const midnight = Date.parse('2026-06-11T00:00:00Z');
  assert.deepEqual(clock.ran, [`every:${midnight}`, `cron:${midnight}`]);
});

test('skip-if is asked before anybody is replaced, once for each firing', () => {
  const clock = new Clockwork(START, { triage: { ...HOURLY, skipIf: 'test -f PAUSE' } }, { whenBusy: 'replace' });
  byHand(clock, 'triage');
  clock.awake(HOUR);
  const checks = () =>
    decide(clock.state, clock.now).effects.flatMap((effect) => (effect.do === 'skip-check' ? [effect.firing] : []));
  const key = `every:${START + HOUR}`;
  assert.deepEqual(checks(), [key]);
  clock.crash();
  assert.deepEqual(checks(), [key], 'a supervisor that died asks again');
  assert.equal(clock.state.runs['triage-1']?.kill, null);
  clock.happen({ type: 'skip-checked', loop: 'triage', key });
  clock.settle();
  assert.deepEqual(checks(), []);
  assert.ok(clock.state.runs['triage-1']?.kill);
});

const ENDS: readonly [outcome: 'success' | 'failure' | 'any', end: End, fires: boolean][] = [
  ['success', { kind: 'discarded', by: 'you' }, false],
  ['success', { kind: 'exhausted', detail: '' }, false],
  ['failure', { kind: 'exhausted', detail: '' }, true],
  ['failure', { kind: 'failed', why: 'agent', detail: '' }, true],
  ['failure', { kind: 'killed', by: 'you' }, false],
  ['any', { kind: 'killed', by: 'you' }, true],
];

for (const [outcome, how, fires] of ENDS) {
  test(`after ${outcome}: a run that was ${how.kind} ${fires ? 'sets it off' : 'does not'}`, () => {
    const clock = new Clockwork(START, { fix: {}, report: { after: { loop: 'fix', outcome } } });
    byHand(clock, 'fix');
    end(clock, 'fix-1', how);
    clock.settle();
    assert.deepEqual(clock.ran, fires ? ['after:fix-1'] : []);
  });
}

test('after success: green work sets it off once, with what came out of it, and landing it does not again', () => {
  const clock = new Clockwork(
    START,
    { fix: {}, report: { after: { loop: 'fix', outcome: 'success' } } },
    { gates: madeLoop().gates.slice(0, 1) },
  );
  byHand(clock, 'fix');
  const run = 'fix-1' as RunId;
  clock.happen(
    { type: 'prepared', run, worktree: '/w', branch: 'loop/fix-1', base: 'c' },
    {
      type: 'agent-planned',
      run,
      agent: agentId('1-maker'),
      wire: false,
      role: 'maker',
      engine: 'scripted',
      model: 'm',
      resumes: null,
      guidance: false,
      promptHash: '',
      rules: [],
      notes: [],
    },
    {
      type: 'agent-started',
      run,
      agent: agentId('1-maker'),
      process: { pid: 1, startTime: '1', bootId: 'b' },
      containment: 'marked',
      adopted: false,
    },
    { type: 'agent-read', run, agent: agentId('1-maker'), offset: 1, events: [{ type: 'ended', outcome: 'done' }] },
    {
      type: 'agent-ended',
      run,
      agent: agentId('1-maker'),
      code: 0,
      signal: null,
      survivors: 0,
      stderr: '',
      tree: 't',
      ms: 1,
    },
    {
      type: 'gate-ended',
      run,
      pass: 1,
      gate: 'lint',
      status: 'green',
      exit: 0,
      ms: 1,
      fingerprint: null,
      summary: '',
      tail: '',
    },
    { type: 'committed', run, commit: 'c0ffee', files: 1, added: 1, removed: 0 },
  );
  clock.crash();
  clock.settle();
  assert.deepEqual(clock.ran, ['after:fix-1']);
  assert.deepEqual(clock.state.runs['report-1']?.item, {
    loop: 'fix',
    run: 'fix-1',
    outcome: 'success',
    branch: 'loop/fix-1',
    commit: 'c0ffee',
  });
  end(clock, 'fix-1', { kind: 'landed' });
  clock.settle();
  assert.equal(clock.ran.length, 1);
});

test('a trigger expires after its time, is announced a day before, and beats again when it is renewed', () => {
  const clock = new Clockwork(START, { triage: HOURLY });
  const told = () =>
    clock.journal.flatMap(({ at, event }) =>
      event.type.startsWith('expired') ? [`${event.type} ${(at - START) / DAY}`] : [],
    );
  clock.awake(6.5 * DAY);
  assert.match(words(clock, 'triage'), /expires in 12h00: looptop renew triage/);
  clock.awake(3 * DAY);
  assert.deepEqual(told(), ['expired-soon 6', 'expired 7']);
  assert.equal(clock.ran.length, 7 * 24 - 1);
  assert.equal(words(clock, 'triage'), 'off: expired after 7d0h: looptop renew triage');
  assert.equal(decide(clock.state, clock.now).wakeAt, null);

  const said = answer(clock.state, { do: 'renew', loop: 'triage' }, { by: 'you', now: clock.now, random: 'a' });
  assert.ok('events' in said);
  clock.happen(...said.events);
  clock.awake(2 * HOUR);
  assert.equal(clock.ran.length, 7 * 24 - 1 + 2, 'and what it missed meanwhile stays missed');
});

test('a changed file that is trusted is armed anew; one that is not, is off, or is gone, does not beat', () => {
  const clock = new Clockwork(START, { triage: HOURLY });
  const { definition } = clock.state.loops.triage ?? assert.fail();
  assert.ok(definition);
  clock.awake(2 * DAY + 30 * MINUTE);
  const ran = clock.ran.length;
  clock.read('triage', definition, false);
  clock.awake(2 * HOUR);
  assert.equal(words(clock, 'triage'), 'off: not trusted: looptop trust');
  clock.read('triage', definition);
  clock.settle();
  assert.equal(clock.ran.length, ran, 'what came round while it was not trusted is not caught up with');
  assert.equal(clock.state.beats.triage?.armedAt, START, 'the same file again is no renewal');
  clock.read('triage', { ...definition, prompts: { ...definition.prompts, maker: 'Otherwise.' } });
  assert.equal(clock.state.beats.triage?.armedAt, clock.now);
  clock.awake(HOUR);
  assert.equal(clock.fired.at(-1)?.at, START + 51 * HOUR, 'its hours stay what they were');
  clock.read('triage', { ...definition, enabled: false });
  assert.equal(words(clock, 'triage'), 'off: switched off (enabled: false)');
  clock.read('triage', null);
  assert.equal(words(clock, 'triage'), 'off: its file cannot run: looptop check');
  clock.happen({ type: 'loop-gone', name: 'triage' });
  assert.equal(decide(clock.state, clock.now).wakeAt, null);
});

test('by hand is by hand', () => {
  const clock = new Clockwork(START, { fix: {} });
  assert.equal(words(clock, 'fix'), 'by-hand');
  assert.deepEqual(clock.state.beats, {});
  const said = answer(clock.state, { do: 'renew', loop: 'fix' }, { by: 'you', now: START, random: 'a' });
  assert.match('refused' in said ? said.refused : '', /started only by hand/);
});

test('changes that come before the last were acted on are one; what waits is bounded', () => {
  const clock = new Clockwork(START, {
    triage: { watch: { paths: ['a'], debounceMs: 1 }, event: { run: 'x', match: null }, skipIf: 'x' },
  });
  const hear = (trigger: 'watch' | 'event', key: string) => {
    const events = heard(clock.state, 'triage', { key, trigger, at: clock.now, item: null });
    clock.happen(...events);
    return events.map(({ type }) => type);
  };
  assert.deepEqual(hear('watch', 'watch:1'), ['fired']);
  assert.deepEqual(hear('watch', 'watch:2'), []);
  const said = Array.from({ length: 120 }, (_, n) => hear('event', `event:${n}`)).flat();
  assert.equal(said.filter((type) => type === 'fired').length, 99);
  assert.match(whys(clock).at(-1) ?? '', /100 firings wait already/);
});

test('loops with nothing open are listed by who fires first, and the very first is the soonest', () => {
  const clock = new Clockwork(START, {
    slow: { everyMs: 2 * DAY },
    quick: HOURLY,
    listens: { event: { run: 'x', match: null } },
    hand: {},
    orphan: { after: { loop: 'ghost', outcome: 'any' } },
  });
  clock.read('off', madeLoop({ name: 'off', on: { ...BY_HAND, ...HOURLY } }), false);
  assert.deepEqual(
    idleLoops(clock.state, clock.now).map(({ loop, words: said }) => `${loop}: ${said}`),
    [
      'quick: next in 1h00, every 1h00',
      'slow: next in 2d0h, every 2d0h',
      'listens: waits, events',
      'orphan: waits, after ghost; there is no loop ghost',
      'off: not trusted: looptop trust',
    ],
  );
  assert.deepEqual(soonest(clock.state, clock.now), { loop: 'quick', dueAt: START + HOUR });
});

test('a snapshot of a version without heartbeats loads, and its loops beat once they are read again', () => {
  const { on: _on, group: _group, whenBusy: _whenBusy, ...older } = madeLoop({ name: 'triage' });
  const { beats: _beats, timezone: _timezone, ...snapshot } = emptyFleet();
  const loop = {
    name: 'triage',
    path: 'loops/triage.md',
    trusted: true,
    definition: older as LoopDefinition,
    problems: [],
  };
  const state = wholeFleet({ ...snapshot, loops: { triage: loop } });
  assert.deepEqual(state.loops.triage?.definition?.on, BY_HAND);
  assert.deepEqual(decide(state, START), { effects: [], wakeAt: null });
  const event = {
    type: 'loop-read',
    ...loop,
    definition: madeLoop({ name: 'triage', on: { ...BY_HAND, ...HOURLY } }),
  } as const;
  const read = fold(state, { seq: 1, at: START, day: '2026-06-10', event });
  assert.equal(decide(read, START).wakeAt, START + HOUR);
});
