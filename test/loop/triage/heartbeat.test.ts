/** Triage on a heartbeat: a firing looks, what it finds new becomes the run, and a promotion is a firing of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BY_HAND } from '../../../source/loop/definition/heartbeat.ts';
import type { Event } from '../../../source/loop/event.ts';
import { fire, type Look, looksFor } from '../../../source/loop/schedule/fire.ts';
import { heard } from '../../../source/loop/schedule.ts';
import { readFound } from '../../../source/loop/triage/discovery.ts';
import { madeLoop } from '../made-loop.ts';
import type { SimulatedWorld } from '../simulated-world.ts';
import { DISCOVER, ranksAll, read, triageWorld } from './fleet.ts';

const on = { ...BY_HAND, event: { run: 'x', match: null } };
const found = (...ids: readonly number[]): Look => ({
  found: readFound(ids.map((id) => JSON.stringify({ id, updated: 1 })).join('\n'), DISCOVER),
});
const of = <T extends Event['type']>(w: SimulatedWorld, type: T) =>
  w.history.filter((event): event is Extract<Event, { type: T }> => event.type === type);

/** Sets the loop off and settles that with what was found. */
function beats(w: SimulatedWorld, key: string, look: Look | null, loop = 'triage'): void {
  w.happen(...heard(w.state, loop, { key, trigger: 'event', at: w.now, item: { line: 'theirs' } }));
  w.happen(...fire(w.state, loop, key, { now: w.now, random: key }, look));
}

test('a firing of a loop with discover becomes a run of what is new, once, and a skip where nothing is', () => {
  const w = triageWorld(ranksAll, { on });
  beats(w, 'a', found(1, 2));
  const [queued] = of(w, 'run-queued');
  assert.deepEqual([queued?.run, queued?.firing, queued?.trust, queued?.by], ['triage-1', 'a', 'untrusted', 'event']);
  assert.deepEqual(fire(w.state, 'triage', 'a', { now: w.now, random: 'again' }, found(3)), []);
  w.work();
  beats(w, 'b', found(1, 2));
  assert.equal(of(w, 'run-queued').length, 1);
  assert.equal(of(w, 'skipped')[0]?.why, 'nothing new among 2, no model was asked');
  assert.deepEqual(w.state.beats.triage?.firings, []);
});

test('a look that fails is journaled and skips; a firing that nobody looked for waits', () => {
  const w = triageWorld(ranksAll, { on });
  beats(w, 'a', null);
  assert.deepEqual(looksFor(w.state, 'triage', 'a', w.now), DISCOVER);
  assert.equal(w.state.beats.triage?.firings.length, 1);
  w.happen(...fire(w.state, 'triage', 'a', { now: w.now, random: 'r' }, { failed: 'exit code 4: \u001b[31mno' }));
  assert.deepEqual(w.state.beats.triage?.firings, []);
  assert.match(of(w, 'skipped')[0]?.why ?? '', /^cannot look for work: exit code 4: /);
  assert.ok(!of(w, 'skipped')[0]?.why.includes('\u001b'));
  assert.equal(w.state.triage.triage?.looked?.failed, true);
  assert.equal(looksFor(w.state, 'triage', 'a', w.now), null);
});

test('a loop with discover but no triage gets a run for each item, all of one firing', () => {
  const w = triageWorld(ranksAll);
  w.happen(read(madeLoop({ name: 'each', discover: { ...DISCOVER, trust: 'trusted' }, on, concurrency: { max: 9 } })));
  beats(w, 'a', found(1, 2), 'each');
  assert.deepEqual(
    of(w, 'run-queued').map(({ run, firing, trust }) => [run, firing, trust]),
    [
      ['each-1', 'a', 'trusted'],
      ['each-2', 'a', 'trusted'],
    ],
  );
});

test('what an event command printed is data of others', () => {
  const w = triageWorld(ranksAll);
  w.happen(read(madeLoop({ name: 'ci', on })));
  beats(w, 'a', null, 'ci');
  assert.deepEqual([w.run('ci-1').trust, w.run('ci-1').item], ['untrusted', { line: 'theirs' }]);
});

test('after a promotion: the run that takes the hit is the firing of its loop, other loops get one of their own', () => {
  const w = triageWorld(ranksAll);
  const after = { ...BY_HAND, after: { loop: 'triage', outcome: 'promoted' } } as const;
  const any = { ...BY_HAND, after: { loop: 'triage', outcome: 'any' } } as const;
  for (const [name, beat] of [
    ['fix', after],
    ['tell', after],
    ['count', any],
  ] as const)
    w.happen(read(madeLoop({ name, on: beat, escalate: [], concurrency: { max: 9 } })));
  w.fire('triage', [{ id: 1, updated: 1 }]);
  w.work();
  assert.equal(w.command({ do: 'promote', hit: 'h1' }), null);
  w.work();
  w.crash();
  w.work();
  assert.deepEqual(
    of(w, 'run-queued').map(({ run, firing }) => [run, firing]),
    [
      ['triage-1', undefined],
      ['count-1', 'after:triage-1'],
      ['fix-1', undefined],
      ['tell-1', 'after:fix-1'],
    ],
  );
  assert.deepEqual(w.run('tell-1').item, {
    loop: 'triage',
    run: 'triage-1',
    outcome: 'promoted',
    hit: 'h1',
    to: 'fix-1',
  });
});
