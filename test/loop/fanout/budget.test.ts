/** The budget of a fan is that of all its runs together; per-item is that of each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../../source/loop/decide.ts';
import { waitingFans } from '../../../source/loop/fanout/words.ts';
import { atWork, bill, fan, fanLoop, fanWorld, items, of, RULES, states } from './fleet.ts';

const DAY = 86_400_000;
const caps = { tokens: 1_000_000, usd: 50, wallMs: DAY, passes: 1000 };

const held = (w: ReturnType<typeof fanWorld>) =>
  Object.values(w.state.runs).flatMap(({ status }) =>
    status.tag === 'open' && status.hold?.kind === 'paused' ? [status.hold.detail] : [],
  );

test('the run of an item has the caps of one item', () => {
  const w = fanWorld();
  w.fire('move', items(1));
  w.settle();
  assert.deepEqual(w.run('move-1').budget, RULES.perItem);
  assert.equal(w.command({ do: 'run', loop: 'move', item: { id: 'x' } }), null);
  assert.deepEqual(w.run('move-2').budget, RULES.perItem);
  assert.equal(w.run('move-2').fan, null);
});

test('at its cap on tokens a fan begins nothing more and holds what is at work; raised, all of it goes on', () => {
  const w = fanWorld({}, { budget: { ...caps, tokens: 5500 } });
  w.fire('move', items(10));
  w.settle();
  // Each response costs 1000, and three may be on their way.
  assert.ok(of(w, 'run-queued').length <= 8);
  const counts = Object.values(states(w));
  assert.ok(counts.includes('waiting'));
  assert.match(
    waitingFans(w.state, w.now)[0]?.attention.words ?? '',
    /^stopped at its cap, (6|7|8)k of 5\.5k tokens: \d not begun; looptop budget f1 raises it$/,
  );
  for (const detail of held(w)) assert.match(detail, /the fan f1: \dk of 5\.5k tokens/);
  const [paused] = Object.values(w.state.runs).filter(({ status }) => status.tag === 'open' && status.hold !== null);
  if (paused)
    assert.match(w.command({ do: 'resume', run: paused.id }) ?? '', /raise the cap with looptop budget f1\.$/);
  assert.equal(w.command({ do: 'budget-fan', fan: 'f1', tokens: '+20k' }), null);
  w.settle();
  assert.deepEqual(held(w), []);
  assert.equal(of(w, 'fan-ended')[0]?.green, 10);
  const total = Object.values(w.state.runs).reduce((sum, run) => sum + run.meter.total.tokens.output, 0);
  assert.equal(fan(w).spent.tokens.output, total);
});

test('a run that is held by the cap of its fan has not failed, and is not given up', () => {
  // The second response of each run passes the cap while all three are at work.
  const w = fanWorld(
    {},
    { budget: { ...caps, usd: 0.5 } },
    {
      script: { agent: (run, tick) => (tick < 4 ? [bill(`${run.id}-${tick}`, 100, 0.1)] : 'ends') },
    },
  );
  w.fire('move', items(6));
  w.settle();
  assert.equal(held(w).length, 3);
  assert.deepEqual(Object.values(states(w)).sort(), ['running', 'running', 'running', 'waiting', 'waiting', 'waiting']);
  assert.ok(fan(w).spent.usd <= 0.5 + 3 * 0.1, `${fan(w).spent.usd}`);
  w.command({ do: 'budget-fan', fan: 'f1', usd: '10' });
  w.settle();
  assert.equal(of(w, 'fan-ended')[0]?.green, 6);
});

test('exactly as many passes begin as the fan has', () => {
  for (const passes of [1, 4, 7]) {
    const w = fanWorld({ maxParallel: 5 }, { budget: { ...caps, passes } }, { red: ['i1', 'i2', 'i3'] });
    w.fire('move', items(12));
    while (w.settleOnce()) {
      const planned = decide(w.state, w.now).effects.filter((effect) => effect.do === 'plan');
      assert.ok(fan(w).passes + planned.length <= passes, 'not one too many is even ordered');
    }
    assert.equal(of(w, 'agent-planned').length, passes);
    assert.equal(fan(w).passes, passes);
    w.command({ do: 'budget-fan', fan: 'f1', passes: '+100' });
    w.settle();
    assert.deepEqual(of(w, 'fan-ended')[0], {
      type: 'fan-ended',
      fan: 'f1',
      green: 9,
      landed: 0,
      failed: 3,
      skipped: 0,
    });
  }
});

test('the time of all its runs at work is the time of the fan, and time alone ends it', () => {
  const HOUR = 3_600_000;
  const w = fanWorld(
    { perItem: { ...RULES.perItem, wallMs: DAY } },
    { budget: { ...caps, wallMs: 3 * HOUR }, stuck: { silent: 'off' } },
    { script: { rests: () => Number.MAX_SAFE_INTEGER, agent: () => 'ends' } },
  );
  const begun = w.now;
  w.fire('move', items(9));
  w.settle();
  assert.equal(held(w).length, 3);
  assert.match(held(w)[0] ?? '', /the fan f1: 3h00 of 3h00/);
  assert.ok(Math.abs(w.now - begun - HOUR) < 60_000, 'three at once use three hours in one');
});

test('on-exhausted kill gives up what is left of the fan', () => {
  const w = fanWorld({}, { budget: { ...caps, tokens: 5500 }, onExhausted: 'kill' });
  w.fire('move', items(10));
  w.settle();
  assert.match(fan(w).stopped?.why ?? '', /^it is at its cap, \dk of 5\.5k tokens$/);
  assert.equal(of(w, 'fan-ended').length, 1);
  assert.equal(atWork(w).length, 0);
});

test('the operator is warned of a fan before its cap, once', () => {
  const w = fanWorld({ maxParallel: 1 }, { budget: { ...caps, tokens: 10_500 } });
  w.fire('move', items(11));
  w.settle();
  const warned = of(w, 'fleet-warned').map(({ cap, share }) => `${cap} ${share}`);
  assert.deepEqual(warned, [...new Set(warned)]);
  assert.ok(
    warned.some((each) => each.startsWith('fan:f1:fan-tokens')),
    warned.join(),
  );
  assert.match(of(w, 'fleet-warned')[0]?.words ?? '', /^the fan f1: /);
});

test('months of other runs do not make a fan forget what it has spent', () => {
  const w = fanWorld(
    { maxParallel: 20, maxItems: 300 },
    { discover: { ...(fanLoop().discover ?? assert.fail()), limit: 300 } },
    { script: { agent: (run, tick) => (tick === 0 ? [bill(run.id, 1000, 0.01)] : 'ends') } },
  );
  w.fire('move', items(250));
  let guard = 0;
  while (w.settleOnce()) {
    assert.ok(++guard < 5000);
    for (const run of Object.values(w.state.runs))
      if (run.status.tag === 'open' && run.status.phase === 'review')
        w.happen({ type: 'run-ended', run: run.id, end: { kind: 'landed' } });
  }
  assert.ok(Object.keys(w.state.runs).length < 250, 'runs were forgotten');
  assert.equal(of(w, 'fan-ended')[0]?.landed, 250);
  assert.equal(fan(w).spent.tokens.output, 250_000);
});
