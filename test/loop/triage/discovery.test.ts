import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../../source/loop/event.ts';
import { wholeFleet } from '../../../source/loop/fold.ts';
import { stateWord } from '../../../source/loop/run-status.ts';
import { candidatesOf } from '../../../source/loop/triage/candidates.ts';
import { discovers, readFound } from '../../../source/loop/triage/discovery.ts';
import { madeLoop } from '../made-loop.ts';
import type { SimulatedWorld } from '../simulated-world.ts';
import { DISCOVER, ranksAll, read, triageWorld } from './fleet.ts';

const HOUR = 3_600_000;
const of = <T extends Event['type']>(w: SimulatedWorld, type: T) =>
  w.history.filter((event): event is Extract<Event, { type: T }> => event.type === type);
const issue = (id: number | string, updated = 1) => ({ id, updated, title: `issue ${id}` });

test('one run of a triage takes everything that is new, and the next look, with nothing new, asks no model', () => {
  const w = triageWorld(ranksAll);
  assert.match(w.fire('triage', [issue(1), issue(2)]), /^triage-1 is queued: 2 new of 2\.$/);
  w.work();
  assert.equal(stateWord(w.run('triage-1')), 'triaged');
  assert.deepEqual(
    candidatesOf(w.run('triage-1').item).map(({ key }) => key),
    ['1', '2'],
  );
  const planned = of(w, 'agent-planned').length;
  assert.match(w.fire('triage', [issue(1), issue(2)]), /^No run: nothing new among 2, no model was asked\.$/);
  w.work();
  assert.equal(of(w, 'agent-planned').length, planned, 'no agent was planned');
  assert.equal(of(w, 'run-queued').length, 1);
  assert.equal(of(w, 'discovered').length, 2, 'the quiet look is journaled too');
  assert.match(w.state.triage.triage?.looked?.words ?? '', /no model was asked/);
});

test('what has changed by the fields that count is new again, and what has changed otherwise is not', () => {
  const w = triageWorld(ranksAll);
  w.fire('triage', [issue(1), issue(2)]);
  w.work();
  w.fire('triage', [{ ...issue(1), title: 'other words' }, issue(2, 2)]);
  w.work();
  assert.deepEqual(
    candidatesOf(w.run('triage-2').item).map(({ key }) => key),
    ['2'],
  );
});

test('an item that is listed again and again is never forgotten, one that was away for so long is', () => {
  const w = triageWorld(ranksAll, { discover: { ...DISCOVER, forgetAfterMs: 10 * HOUR } });
  w.fire('triage', [issue(1), issue(2)]);
  w.work();
  for (let hour = 0; hour < 30; hour++) {
    w.now += HOUR;
    assert.match(w.fire('triage', [issue(1)]), /nothing new/, `hour ${hour}`);
  }
  assert.ok(
    of(w, 'discovered').filter(({ seen }) => seen.length > 0).length < 12,
    'it is noted anew only now and then',
  );
  assert.match(w.fire('triage', [issue(1), issue(2)]), /1 new of 2/);
});

test('more than the limit waits for the next look, and none is lost', () => {
  const w = triageWorld(ranksAll, { discover: { ...DISCOVER, limit: 2 } });
  const issues = [1, 2, 3, 4, 5].map((id) => issue(id));
  assert.match(w.fire('triage', issues), /2 new of 5, 3 more wait/);
  w.work();
  w.fire('triage', issues);
  w.work();
  w.fire('triage', issues);
  w.work();
  const ranked = [1, 2, 3].flatMap((n) => candidatesOf(w.run(`triage-${n}`).item).map(({ key }) => key));
  assert.deepEqual(ranked, ['1', '2', '3', '4', '5']);
});

test('a loop without a triage gets a run for each new item, none for one that is worked on, all queued at once', () => {
  const w = triageWorld(ranksAll);
  w.happen(read(madeLoop({ name: 'care', discover: DISCOVER, escalate: [], concurrency: { max: 1 } })));
  assert.match(w.fire('care', [issue(7), issue(8)]), /care-1, care-2 are queued/);
  assert.deepEqual(
    ['care-1', 'care-2'].map((id) => (w.run(id).item as { id: number }).id),
    [7, 8],
  );
  assert.notEqual(w.run('care-1').nonce, w.run('care-2').nonce);
  assert.equal(w.run('care-1').trust, 'untrusted');
  // Changed while its run is open: it waits until that is done.
  assert.match(w.fire('care', [issue(7, 2), issue(8)]), /nothing new among 2, 1 more wait/);
  w.work();
  assert.match(w.fire('care', [issue(7, 2), issue(8)]), /care-3 is queued/);
});

test('what a run could not look at at all, because the machine failed, is new again', () => {
  const w = triageWorld(ranksAll);
  w.fire('triage', [issue(1)]);
  w.happen({ type: 'run-failed', run: w.run('triage-1').id, why: 'infra', detail: 'no disk' });
  assert.match(w.fire('triage', [issue(1)]), /1 new of 1/);
});

test('two firings at the same moment take nothing twice', () => {
  const w = triageWorld(ranksAll);
  w.fire('triage', [issue(1)]);
  assert.match(w.fire('triage', [issue(1)]), /nothing new/);
});

test('nothing of a loop that is not trusted, switched off or without discover is run', () => {
  const w = triageWorld(ranksAll);
  assert.ok(discovers(w.state, 'triage'));
  assert.equal(discovers(w.state, 'fix'), null);
  assert.equal(discovers(w.state, 'constructor'), null);
  const loop = w.state.loops.triage;
  assert.ok(loop);
  const changed = (change: object) => ({ ...w.state, loops: { triage: { ...loop, ...change } } });
  assert.equal(discovers(changed({ trusted: false }), 'triage'), null);
  assert.equal(discovers(changed({ definition: { ...loop.definition, enabled: false } }), 'triage'), null);
});

test('a snapshot of a version without triage has none', () => {
  const { hits, hitCount, triage } = wholeFleet({});
  assert.deepEqual({ hits, hitCount, triage }, { hits: {}, hitCount: 0, triage: {} });
});

test('an array, as gh prints it, is as good as a line for each', () => {
  const items = [
    { id: 1, updated: 1 },
    { id: 2, updated: 1 },
  ];
  const keys = (text: string) => {
    const { items: found, unread } = readFound(text, DISCOVER);
    return [found.map(({ key }) => key), unread];
  };
  assert.deepEqual(keys(JSON.stringify(items)), [['1', '2'], 0]);
  assert.deepEqual(keys(`\n${JSON.stringify(items, null, 2)}\n`), [['1', '2'], 0]);
  assert.deepEqual(keys('[]\n'), [[], 0]);
  assert.deepEqual(keys('[1, "two", null, {"id": 3}]'), [['3'], 3]);
  assert.deepEqual(keys('[cut in the midd'), [[], 1]);
});
