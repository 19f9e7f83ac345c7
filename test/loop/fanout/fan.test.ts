/** A firing of a loop with fan-out: each item has one run, as many at once as allowed, the pilot first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginItem } from '../../../source/loop/fanout/turn.ts';
import { progressWords, waitingFans } from '../../../source/loop/fanout/words.ts';
import { wholeFleet } from '../../../source/loop/fold.ts';
import { atWork, fan, fanWorld, items, keyOf, of, states } from './fleet.ts';

const counted = (values: readonly string[]) => ({ all: values.length, different: new Set(values).size });

test('twenty items have one run each, three at once, and then the fan has ended', () => {
  const w = fanWorld();
  assert.match(
    w.fire('move', items(20)),
    /^f1: move fans out over 20 items, at most 3 at once\. It was 20 new of 20\.$/,
  );
  let most = 0;
  while (w.settleOnce()) most = Math.max(most, atWork(w).length);
  assert.equal(most, 3);
  assert.deepEqual(counted(of(w, 'run-queued').map(({ fan: of }) => of?.key ?? '')), { all: 20, different: 20 });
  assert.deepEqual(
    of(w, 'run-queued').map(({ item }) => item),
    items(20),
    'in the order in which they were listed',
  );
  const [ended] = of(w, 'fan-ended');
  assert.deepEqual(ended, { type: 'fan-ended', fan: 'f1', green: 20, landed: 0, failed: 0, skipped: 0 });
  assert.equal(of(w, 'fan-ended').length, 1);
  assert.deepEqual(new Set(of(w, 'run-queued').map(({ nonce }) => nonce)).size, 20);
});

test('supervisors that die at every turn neither leave an item out nor give it two runs', () => {
  for (const every of [2, 3, 5, 7]) {
    const w = fanWorld({ pilot: 4 }, {}, { red: ['i3', 'i9', 'i16'] });
    w.fire('move', items(20));
    let step = 0;
    const live = () => {
      while (w.settleOnce()) {
        if (++step % every === 0) w.crash();
        assert.ok(atWork(w).length <= 3);
        assert.ok(step < 3000, 'it goes round in circles');
      }
    };
    live();
    assert.equal(of(w, 'run-queued').length, 4, 'the pilot and no more');
    assert.equal(w.command({ do: 'release', fan: 'move' }), null);
    w.crash();
    live();
    assert.deepEqual(counted(of(w, 'run-queued').map((event) => event.fan?.key ?? '')), { all: 20, different: 20 });
    assert.deepEqual(of(w, 'fan-ended'), [
      { type: 'fan-ended', fan: 'f1', green: 17, landed: 0, failed: 3, skipped: 0 },
    ]);
    assert.ok(step > 50);
  }
});

test('an order that comes late, twice or out of turn begins nothing', () => {
  const w = fanWorld({ maxParallel: 2, pilot: 1 });
  w.fire('move', items(5));
  const given = { now: w.now, random: 'ab' };
  const begin = (key: string, fan = 'f1') => beginItem(w.state, fan, key, given);
  assert.deepEqual(begin('i2'), [], 'not before the pilot');
  const first = begin('i1');
  assert.equal(first.length, 1);
  w.happen(...first);
  assert.deepEqual(begin('i1'), []);
  w.command({ do: 'release', fan: 'f1' });
  assert.deepEqual(begin('i3'), [], 'one place is left, and i2 stands before it');
  w.happen(...begin('i2'));
  assert.deepEqual(begin('i3'), [], 'no place is left');
  assert.deepEqual(begin('i3', 'f9'), []);
  w.happen({ type: 'supervisor-closing' });
  w.happen({ type: 'run-ended', run: w.run('move-1').id, end: { kind: 'discarded', by: 'you' } });
  assert.deepEqual(begin('i3'), [], 'the supervisor is going down');
});

test('after the pilot a person is asked, and nothing begins before the answer', () => {
  const w = fanWorld({ pilot: 2 }, {}, { red: ['i2'] });
  assert.match(w.fire('move', items(6)), /2 of them run first, the others after looptop release f1\./);
  assert.deepEqual(waitingFans(w.state, w.now), [], 'nobody is asked before the pilot is done');
  w.settle();
  assert.deepEqual(Object.values(states(w)), ['green', 'failed', 'waiting', 'waiting', 'waiting', 'waiting']);
  const [waiting] = waitingFans(w.state, w.now);
  assert.equal(
    waiting?.attention.words,
    'pilot of 2 is done, 1 green, 1 failed: the other 4 begin after looptop release f1',
  );
  assert.equal(w.command({ do: 'release', fan: 'f1' }), null);
  w.settle();
  assert.deepEqual(Object.values(states(w)), ['green', 'failed', 'green', 'green', 'green', 'green']);
  assert.deepEqual(waitingFans(w.state, w.now), []);
  assert.match(w.command({ do: 'release', fan: 'f1' }) ?? '', /^f1 has ended: 5 green, 1 failed\.$/);
  assert.match(w.command({ do: 'release', fan: 'move' }) ?? '', /^There is no fan move: no loop fans out now\.$/);
});

test('a pilot of all items, or of one item alone, waits for nobody', () => {
  const w = fanWorld({ pilot: 3 });
  w.fire('move', items(3));
  w.settle();
  assert.equal(fan(w).endedAt !== null, true);
});

test('smallest first: by size, else by files', () => {
  const w = fanWorld({ order: 'smallest-first', maxParallel: 1 });
  w.fire('move', [
    { id: 'big', size: 9 },
    { id: 'three', files: ['a', 'b', 'c'] },
    { id: 'small', size: 1 },
  ]);
  w.settle();
  assert.deepEqual(
    of(w, 'run-queued').map(({ item }) => (item as { id: string }).id),
    ['small', 'three', 'big'],
  );
});

test('a loop has one fan at a time, by hand or by heartbeat, and what is open is not listed again', () => {
  const w = fanWorld({ pilot: 1 });
  w.fire('move', items(3));
  w.settle();
  assert.match(w.fire('move', items(3)), /^move fans out already: f1 1\/3; see looptop show f1\.$/);
  assert.equal(w.command({ do: 'stop-fan', fan: 'f1' }), null);
  w.settle();
  // i1 is green and waits to be read: its run is not done twice.
  assert.match(w.fire('move', items(3)), /^f2: move fans out over 2 items/);
  assert.deepEqual(Object.keys(states(w, 'f2')), ['i2', 'i3']);
});

test('of more items than the fan may have, the others come with the next firing', () => {
  const w = fanWorld(
    { maxItems: 2 },
    { discover: { ...(fanWorld().state.loops.move?.definition?.discover ?? never()), limit: 2 } },
  );
  assert.match(w.fire('move', items(5)), /over 2 items.*2 new of 5, 3 more wait for the next look/);
});

test('on-item-failure stop begins nothing more, and the runs at work go on', () => {
  const w = fanWorld({ onItemFailure: 'stop', maxParallel: 2 }, {}, { red: ['i2'] });
  w.fire('move', items(8));
  w.settle();
  assert.match(fan(w).stopped?.why ?? '', /^i2 has failed$/);
  const left = states(w);
  assert.equal(left.i8, 'skipped');
  assert.ok(!Object.values(left).includes('waiting'));
  // The one that failed waits for a person; ended, it lets the fan end.
  assert.equal(left.i2, 'running');
  assert.equal(fan(w).endedAt, null);
  assert.equal(w.command({ do: 'stop', run: runOf(w, 'i2') }), null);
  w.settle();
  assert.equal(of(w, 'fan-ended')[0]?.failed, 1);
});

test('on-item-failure escalate leaves a failed item to a person while the others go on', () => {
  const w = fanWorld({ onItemFailure: 'escalate', maxParallel: 1 }, {}, { red: ['i2'] });
  w.fire('move', items(4));
  w.settle();
  assert.deepEqual(states(w), { i1: 'green', i2: 'running', i3: 'green', i4: 'green' });
  assert.equal(progressWords(w.state, fan(w)), '4/4 · 1 failed');
  assert.equal(fan(w).endedAt, null);
});

test('too large a share of failures stops the fan, not before so many items', () => {
  const w = fanWorld({ stopWhen: { failureRate: 0.3, after: 5 } }, {}, { red: ['i1', 'i3', 'i4'] });
  w.fire('move', items(20));
  w.settle();
  assert.match(fan(w).stopped?.why ?? '', /^3 of [5-7] items have failed$/);
  const ended = of(w, 'fan-ended')[0];
  assert.ok(ended && ended.skipped > 10 && ended.failed === 3, JSON.stringify(ended));
});

test('an item whose words cannot go into a gate fails by itself', () => {
  const { definition } = fanWorld().state.loops.move ?? never();
  const [gate] = definition?.gates ?? [];
  assert.ok(gate?.type === 'shell');
  const w = fanWorld({}, { gates: [{ ...gate, run: 'npm test -w {{item.pkg}}' }] });
  w.fire('move', [
    { id: 'a', pkg: 'core' },
    { id: 'b', pkg: '$(rm -rf ~)' },
  ]);
  w.settle();
  assert.deepEqual(states(w), { a: 'green', b: 'failed' });
  assert.match(fan(w).items[1]?.why ?? '', /cannot go there/);
});

test('nothing more begins while the file of the loop is not trusted', () => {
  const w = fanWorld({ maxParallel: 1 });
  w.fire('move', items(3));
  w.settleOnce();
  const loop = w.state.loops.move ?? never();
  w.happen({ type: 'loop-read', ...loop, trusted: false });
  w.settle();
  assert.equal(of(w, 'run-queued').length, 1);
  assert.match(waitingFans(w.state, w.now)[0]?.attention.words ?? '', /2 not begun: the file of move is not trusted/);
  w.happen({ type: 'loop-read', ...loop, trusted: true });
  w.settle();
  assert.equal(of(w, 'fan-ended')[0]?.green, 3);
});

test('with a merge queue nothing lands before the release, then all in the order of the fan, and only then it has ended', () => {
  const w = fanWorld({ merge: 'queue', pilot: 1, maxParallel: 2 }, {}, { red: ['i3'] });
  w.fire('move', items(4));
  w.settle();
  assert.deepEqual(of(w, 'land-asked'), []);
  w.command({ do: 'release', fan: 'f1' });
  w.settle();
  assert.deepEqual(
    of(w, 'land-asked').map(({ run, by }) => [keyOf(w.state.runs[run] ?? never()), by]),
    ['i1', 'i2', 'i4'].map((key) => [key, 'looptop']),
  );
  assert.deepEqual(of(w, 'fan-ended'), [{ type: 'fan-ended', fan: 'f1', green: 0, landed: 3, failed: 1, skipped: 0 }]);
});

test('the state of a version without fans has none', () => {
  const { fans, fanCount } = wholeFleet({});
  assert.deepEqual({ fans, fanCount }, { fans: {}, fanCount: 0 });
});

const never = (): never => {
  throw new Error('not there');
};

const runOf = (w: ReturnType<typeof fanWorld>, key: string): string =>
  Object.values(w.state.runs).find((run) => keyOf(run) === key)?.id ?? never();
