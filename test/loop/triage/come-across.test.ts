import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heed, type Report } from '../../../source/loop/report.ts';
import { openHits } from '../../../source/loop/triage/hits.ts';
import { promotesItself } from '../../../source/loop/triage/promote.ts';
import { madeLoop } from '../made-loop.ts';
import { SimulatedWorld } from '../simulated-world.ts';
import { answerOf, marks, read, triageLoop } from './fleet.ts';

const HIT = {
  do: 'hit',
  title: 'The invoice test sleeps for a minute.',
  evidence: 'test/invoice.test.js:12',
  priority: 'p2',
  confidence: 0.8,
} as const;

/** A maker of `fix` is at work, and a triage of issues knows about `#1`. */
function atWork(): { readonly world: SimulatedWorld; says(report: Report): string } {
  const world = new SimulatedWorld({
    agent: (run, tick) =>
      run.loop !== 'triage' ? [] : tick === 0 ? [{ type: 'said', text: answerOf({ key: '#1' }) }] : 'ends',
    gate: () => '',
  });
  world.happen(
    read(triageLoop(marks({ mode: 'auto', promoteTo: 'other' }))),
    read(madeLoop({ escalate: [] })),
    read(madeLoop({ name: 'other' })),
  );
  world.command({ do: 'run', loop: 'fix' });
  for (let round = 0; round < 6; round++) world.settleOnce();
  const says = (report: Report) => {
    if (report.do === 'progress') throw new Error('not here');
    const answer = heed(world.state, { run: 'fix-1', nonce: world.run().nonce }, report);
    if ('refused' in answer) return `refused: ${answer.refused}`;
    world.happen(...answer.events);
    return answer.text;
  };
  return { world, says };
}

test('what a maker comes across is a hit that waits for a person', () => {
  const { world, says } = atWork();
  assert.match(says({ ...HIT, loop: 'other' }), /waits for the operator/);
  const [hit] = openHits(world.state);
  assert.deepEqual(
    { ...hit, key: '', at: 0, expires: 0 },
    {
      ...{ id: 'h1', loop: 'fix', key: '', priority: 'p2', confidence: 0.8, reason: HIT.title, evidence: HIT.evidence },
      ...{ item: null, suggests: 'other', at: 0, expires: 0, run: 'fix-1', base: world.run().base, reported: true },
      ...{ status: 'open', promotedTo: null },
    },
  );
  assert.equal(world.command({ do: 'promote', hit: 'h1' }), null);
  assert.equal(world.run('other-1').trust, 'untrusted');
});

test('it never begins work by itself, whatever the marks of its loop say', () => {
  const { world, says } = atWork();
  world.happen(read(madeLoop({ escalate: [], ...marks({ mode: 'auto', promoteTo: 'other' }) })));
  says({ ...HIT, priority: 'p0', confidence: 1, loop: 'other' });
  const [hit] = openHits(world.state);
  assert.equal(hit !== undefined && promotesItself(world.state, hit), false);
});

test('the same is listed once: told again it is known, and what was dismissed stays so unless it is more urgent', () => {
  const { world, says } = atWork();
  says(HIT);
  assert.match(says({ ...HIT, title: ' the INVOICE  test sleeps\nfor a minute. ' }), /known already/);
  assert.equal(openHits(world.state).length, 1);
  world.command({ do: 'dismiss', hit: 'h1' });
  assert.match(says(HIT), /has dismissed it/);
  assert.equal(openHits(world.state).length, 0);
  assert.match(says({ ...HIT, priority: 'p0' }), /waits for the operator/);
  assert.deepEqual(
    openHits(world.state).map(({ id, priority }) => [id, priority]),
    [['h1', 'p0']],
  );
});

test('below the marks, without words, or the eleventh of a run it is refused', () => {
  const { world, says } = atWork();
  assert.match(says({ ...HIT, priority: 'p3' }), /^refused: hits of fix begin at p2 and a confidence of 0\.5/);
  assert.match(says({ ...HIT, confidence: 0.2 }), /^refused: hits of fix begin/);
  assert.match(says({ ...HIT, title: ' \n ' }), /^refused: a hit needs a title/);
  for (let n = 0; n < 10; n++) says({ ...HIT, key: `#${n}` });
  assert.match(says({ ...HIT, key: '#10' }), /^refused: 10 hits are enough/);
  assert.match(says({ ...HIT, key: '#3' }), /known already/);
  assert.equal(openHits(world.state).length, 10);
});

test('only what a run itself has started may report', () => {
  const { world } = atWork();
  for (const reporter of [
    { run: 'fix-1', nonce: 'other' },
    { run: 'fix-2', nonce: world.run().nonce },
  ])
    assert.match(JSON.stringify(heed(world.state, reporter, HIT)), /carries the mark of none/);
});
