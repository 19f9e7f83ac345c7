import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateWord } from '../../../source/loop/run-status.ts';
import { openHits } from '../../../source/loop/triage/hits.ts';
import { madeLoop } from '../made-loop.ts';
import type { SimulatedWorld } from '../simulated-world.ts';
import { answerOf, marks, ranksAll, read, triageWorld } from './fleet.ts';

const HOUR = 3_600_000;
const issue = (id: number | string, updated = 1) => ({ id, updated, url: `https://example.test/${id}` });
const hit = (w: SimulatedWorld, id: string) => w.state.hits[id] ?? assert.fail(`no ${id}`);

test('findings above the marks become hits, the most urgent first, and the rest are counted', () => {
  const w = triageWorld(
    () =>
      answerOf(
        { key: 1, priority: 'p2', confidence: 0.9 },
        { key: 2, priority: 'P0', confidence: 0.6 },
        { key: 3, priority: 'p3', confidence: 1 },
        { key: 4, priority: 'p1', confidence: 0.4 },
        { key: 5, priority: 'p2', confidence: 0.95 },
      ),
    marks({ minPriority: 'p2', minConfidence: 0.5 }),
  );
  w.fire(
    'triage',
    [1, 2, 3, 4, 5, 6, 7].map((id) => issue(id)),
  );
  w.work();
  assert.deepEqual(
    openHits(w.state).map(({ id, key }) => `${id} ${key}`),
    ['h2 2', 'h3 5', 'h1 1'],
  );
  const { status, commit, worktree } = w.run('triage-1');
  assert.deepEqual(status.tag === 'ended' && status.end, { kind: 'triaged', detail: '3 hits, 4 below the mark' });
  assert.equal(commit, null);
  assert.ok(worktree);
  assert.ok(!w.done.some((effect) => effect.do === 'commit' || effect.do === 'tear-down'));
});

test('what is found again changes its hit and makes no second one; dismissed it comes back only when it is more urgent', () => {
  let priority = 'p2';
  const w = triageWorld(() => answerOf({ key: 1, priority, reason: `now ${priority}` }));
  const again = (updated: number) => {
    w.now += HOUR;
    w.fire('triage', [issue(1, updated)]);
    w.work();
  };
  again(1);
  const first = hit(w, 'h1');
  priority = 'p1';
  again(2);
  assert.deepEqual(Object.keys(w.state.hits), ['h1']);
  assert.equal(hit(w, 'h1').reason, 'now p1');
  assert.ok(hit(w, 'h1').expires > first.expires);
  assert.equal(w.command({ do: 'dismiss', hit: 'h1' }), null);
  again(3);
  assert.equal(hit(w, 'h1').status, 'dismissed');
  priority = 'p0';
  again(4);
  assert.equal(hit(w, 'h1').status, 'open');
});

test('a hit expires by itself, at its time and not before', () => {
  const w = triageWorld(ranksAll, marks({ expiresMs: 2 * HOUR }));
  w.fire('triage', [issue(1)]);
  w.settle();
  const { at, expires } = hit(w, 'h1');
  assert.equal(expires - at, 2 * HOUR);
  // Nothing else is to be done, so the world goes straight to the moment that matters.
  assert.equal(hit(w, 'h1').status, 'expired');
  assert.ok(w.now >= expires && w.now < expires + 5000, `${w.now - expires}`);
  assert.match(w.command({ do: 'dismiss', hit: 'h1' }) ?? '', /expired already/);
});

test('no more than a hundred hits are kept, those that wait before those that are dealt with', () => {
  const w = triageWorld(ranksAll, { discover: { ...triageDiscover(), limit: 150 } });
  w.fire('triage', [issue('old')]);
  w.work();
  w.command({ do: 'dismiss', hit: 'h1' });
  w.fire(
    'triage',
    Array.from({ length: 120 }, (_, id) => issue(id)),
  );
  w.work();
  assert.equal(Object.keys(w.state.hits).length, 100);
  assert.equal(w.state.hits.h1, undefined);
});

test('an answer that cannot be read is asked for once more, and then a person looks', () => {
  let asked = 0;
  const w = triageWorld(() => {
    asked++;
    return 'I would rather chat. {"hits": "none"}';
  });
  w.fire('triage', [issue(1)]);
  w.work();
  assert.equal(asked, 2);
  assert.equal(stateWord(w.run('triage-1')), 'paused:agent');
  assert.deepEqual(w.state.hits, {});
  assert.equal(w.command({ do: 'resume', run: 'triage-1' }), null);
});

test('a second answer that can be read is as good as a first', () => {
  const said = ['hm', answerOf({ key: 1 })];
  const w = triageWorld(() => said.shift() ?? '');
  w.fire('triage', [issue(1)]);
  w.work();
  assert.equal(stateWord(w.run('triage-1')), 'triaged');
});

test('its gates judge a triage as any other run: red asks again, green lets its hits count', () => {
  const gates = madeLoop().gates.slice(0, 1);
  let passes = 0;
  const w = triageWorld(ranksAll, { gates }, { gate: () => (++passes === 1 ? 'a verdict is missing' : '') });
  w.fire('triage', [issue(1)]);
  w.work();
  assert.equal(w.run('triage-1').pass, 2);
  assert.equal(hit(w, 'h1').status, 'open');
});

test('promoted at a key: the dear loop gets a packet as its item, and the hit knows its run', () => {
  const w = triageWorld(ranksAll);
  w.fire('triage', [issue(1), issue(2)]);
  w.work();
  assert.equal(w.command({ do: 'promote', hit: 'h2' }), null);
  const run = w.run('fix-1');
  assert.equal(run.trust, 'untrusted');
  const packet = run.item as Record<string, unknown>;
  assert.deepEqual(packet.from, { loop: 'triage', hit: 'h2', run: 'triage-1', key: '2' });
  assert.equal(packet.finding, '2 is broken');
  assert.deepEqual(packet.links, ['https://example.test/2']);
  assert.deepEqual(packet.item, issue(2));
  assert.deepEqual(packet.budgetLeft, { tokens: 100_000, usd: 5 });
  assert.deepEqual(packet.lastGood, { seenAt: 'base', green: null });
  assert.deepEqual([hit(w, 'h2').status, hit(w, 'h2').promotedTo], ['promoted', 'fix-1']);
  assert.match(w.command({ do: 'promote', hit: 'h2' }) ?? '', /promoted already/);
  w.work();
  assert.equal(stateWord(w.run('fix-1')), 'review');
});

test('promoted while somebody works on it, and open again when it is found after that', () => {
  let found = 1;
  const w = triageWorld(ranksAll, {}, {});
  const again = () => {
    w.fire('triage', [issue(1, found++)]);
    w.work();
  };
  again();
  w.command({ do: 'promote', hit: 'h1' });
  w.command({ do: 'freeze', run: 'fix-1' });
  again();
  assert.equal(hit(w, 'h1').status, 'promoted');
  w.happen({ type: 'run-ended', run: w.run('fix-1').id, end: { kind: 'discarded', by: 'you' } });
  again();
  assert.equal(hit(w, 'h1').status, 'open');
});

test('a hit for a person, or for a loop that is not here, needs a name; a triage takes none', () => {
  const w = triageWorld(() =>
    answerOf({ key: 1, loop: 'human' }, { key: 2, loop: 'nowhere' }, { key: 3, loop: 'triage' }),
  );
  w.fire(
    'triage',
    [1, 2, 3].map((id) => issue(id)),
  );
  w.work();
  assert.match(w.command({ do: 'promote', hit: 'h1' }) ?? '', /for a person: name a loop with --to: fix/);
  assert.match(w.command({ do: 'promote', hit: 'h2' }) ?? '', /nowhere, which is no loop here/);
  assert.match(w.command({ do: 'promote', hit: 'h3', to: 'triage' }) ?? '', /only triages/);
  assert.match(w.command({ do: 'promote', hit: 'h9' }) ?? '', /no hit h9/);
  assert.match(w.command({ do: 'promote', hit: '__proto__' }) ?? '', /no hit/);
  assert.equal(w.command({ do: 'promote', hit: 'h1', to: 'fix' }), null);
});

test('mode auto promotes by itself, the most urgent first, so many a day, and only to the loop that the file names', () => {
  const w = triageWorld(
    () =>
      answerOf(
        { key: 1, priority: 'p2' },
        { key: 2, priority: 'p0', loop: 'deploy' },
        { key: 3, priority: 'p1' },
        { key: 4, priority: 'p0', loop: 'human' },
      ),
    marks({ mode: 'auto', promoteTo: 'fix', maxPerDay: 2 }),
  );
  w.happen(read(madeLoop({ name: 'deploy' })));
  w.fire(
    'triage',
    [1, 2, 3, 4].map((id) => issue(id)),
  );
  w.work();
  const promoted = Object.values(w.state.hits).filter(({ status }) => status === 'promoted');
  assert.deepEqual(
    promoted.map(({ key }) => key),
    ['2', '3'],
  );
  assert.ok(promoted.every(({ promotedTo }) => promotedTo?.startsWith('fix-')));
  assert.ok(!Object.keys(w.state.runs).some((id) => id.startsWith('deploy')));
  // The next day has its own.
  w.day = '2026-11-24';
  w.happen({ type: 'day-began' });
  w.work();
  assert.equal(hit(w, 'h1').status, 'promoted');
  assert.notEqual(hit(w, 'h4').status, 'promoted', 'what is for a person waits for one');
});

function triageDiscover() {
  const w = triageWorld(ranksAll);
  return w.state.loops.triage?.definition?.discover ?? assert.fail();
}
