import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LoopDefinition } from '../../source/loop/definition/definition.ts';
import type { MetricGate, VisualGate } from '../../source/loop/definition/gates.ts';
import { wholeFleet } from '../../source/loop/fold.ts';
import { barOf, bestOf, curve, formatScore, isBetter, type ScoredGate } from '../../source/loop/score.ts';
import { madeLoop, metricGate, queued, shellGate } from './made-loop.ts';
import { SimulatedWorld } from './simulated-world.ts';

const metric = (change: Partial<MetricGate> = {}) => metricGate({ id: 'size', ...change });
const { run: _run, expect: _expect, ...shared } = shellGate({ id: 'look' });
const visual: VisualGate = {
  ...shared,
  type: 'visual',
  render: 'shot',
  reference: 'a.png',
  likeness: {
    maxDiffRatio: 0.01,
    threshold: 0.1,
    ignoreAntialiasing: true,
    minSsim: 0.97,
    downscale: 1,
    maxDeltaE: 4,
    ignore: [],
  },
  wait: null,
};

/** The gate counts down these numbers, one a pass, and is never green. */
function worldOf(scores: readonly number[], change: Partial<LoopDefinition> = {}) {
  const world = new SimulatedWorld({
    agent: () => 'ends',
    gate: (run) => `red ${run.pass}`,
    score: (run) => scores[run.pass - 1] ?? null,
  });
  const gates = [metric({ max: 0 })];
  const budget = { tokens: 100_000, usd: 5, wallMs: 3_600_000, passes: scores.length };
  world.happen(queued(madeLoop({ gates, escalate: [], budget, keepBest: 'size', ...change })));
  world.settle();
  return world;
}

const kept = (world: SimulatedWorld) =>
  world.history.flatMap((event) => (event.type === 'best-kept' ? [[event.pass, event.after]] : []));

test('at its cap a run gets its best pass back, once', () => {
  const world = worldOf([9, 3, 5]);
  assert.deepEqual(kept(world), [[2, 3]]);
  assert.equal(world.run().commit, 'be57be57');
  const [note] = world.run().notes;
  assert.match(note?.text ?? '', /as it was after pass 2, the best by size \(3\)/);
  world.settle();
  assert.deepEqual(kept(world), [[2, 3]]);
});

test('it is the newest state that counts when it goes on and stops again', () => {
  const world = worldOf([9, 3, 5]);
  assert.equal(world.command({ do: 'budget', run: 'fix-1', passes: '+1' }), null);
  world.settle();
  assert.deepEqual(kept(world), [[2, 3]], 'a pass without a number changes nothing');
  const again = worldOf([9, 3, 5, 1], { budget: { tokens: 100_000, usd: 5, wallMs: 3_600_000, passes: 3 } });
  again.command({ do: 'budget', run: 'fix-1', passes: '+1' });
  again.settle();
  assert.deepEqual(kept(again), [
    [2, 3],
    [4, 4],
  ]);
  assert.equal(again.run().kept?.pass, 4);
});

test('a run that is stuck or given up gets it too, one that is killed does not', () => {
  const stuck = worldOf([5, 4, 4], { budget: { tokens: 100_000, usd: 5, wallMs: 3_600_000, passes: 9 } });
  assert.equal(kept(stuck).length, 1);
  const given = worldOf([9, 3], { onExhausted: 'kill' });
  assert.deepEqual(kept(given), [[2, 2]]);
  assert.equal(given.run().status.tag, 'ended');
  const none = worldOf([9, 3, 5], { keepBest: null });
  assert.deepEqual(kept(none), []);
});

test('green work is never put back', () => {
  const world = new SimulatedWorld({
    agent: () => 'ends',
    gate: (run) => (run.pass < 3 ? `red ${run.pass}` : ''),
    score: (run) => run.pass,
  });
  world.happen(queued(madeLoop({ gates: [metric({ min: 3 })], escalate: [], keepBest: 'size' })));
  world.settle();
  assert.deepEqual(kept(world), []);
  world.command({ do: 'stop', run: 'fix-1' });
  world.settle();
  assert.deepEqual(kept(world), []);
});

test('which of two numbers is better is what the gate is for', () => {
  assert.ok(isBetter(metric({ max: 10 }), 3, 5));
  assert.ok(isBetter(metric({ min: 10 }), 5, 3));
  assert.ok(isBetter(metric({ ratchet: 'up' }), 5, 3));
  assert.ok(isBetter(metric({ min: 10, max: 20 }), 22, 5), 'nearer to its bounds');
  assert.ok(!isBetter(metric({ min: 10, max: 20 }), 15, 12), 'within them there is no better');
  assert.ok(isBetter(visual, 0.9, 0.8));
  assert.equal(barOf(metric({ ratchet: 'down' }), 10, 8), 8);
  assert.equal(barOf(metric({ ratchet: 'up' }), 10, 8), 10);
  assert.equal(barOf(metric({ ratchet: 'up' }), null, 8), 8);
});

test('the best is at least as good as every other, and the first of equals', () => {
  const gates: ScoredGate[] = [visual, metric({ max: 0 }), metric({ min: 5, max: 9 }), metric({ ratchet: 'up' })];
  fc.assert(
    fc.property(
      fc.constantFrom(...gates),
      fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1 }),
      (gate, numbers) => {
        const scores = numbers.map((score, at) => ({ pass: at + 1, score, tree: null }));
        const best = bestOf(gate, scores);
        assert.ok(best);
        for (const each of scores) {
          assert.ok(!isBetter(gate, each.score, best.score));
          if (each.pass < best.pass) assert.ok(isBetter(gate, best.score, each.score));
        }
      },
    ),
  );
});

test('numbers are shown short, and as a curve', () => {
  assert.deepEqual([0.93123, 61.2, 128, 0.1 + 0.2].map(formatScore), ['0.9312', '61.2', '128', '0.3']);
  assert.equal(curve([0.2, 0.5, 0.9, 0.9]), '▁▄██');
  assert.equal(curve([0.2, 0.9], true), '07');
  assert.equal(curve([5]), '█');
});

test('landing raises the bar of a ratchet, giving up does not', () => {
  const world = (end: 'landed' | 'discarded') => {
    const made = new SimulatedWorld({ agent: () => 'ends', gate: () => '', score: () => 7 });
    made.happen(queued(madeLoop({ gates: [metric({ ratchet: 'down' })], escalate: [] })));
    made.settle();
    const run = made.run().id;
    made.happen({ type: 'run-ended', run, end: end === 'landed' ? { kind: end } : { kind: end, by: 'you' } });
    return made.state.bests;
  };
  assert.deepEqual(world('landed'), { fix: { size: 7 } });
  assert.deepEqual(world('discarded'), {});
});

test('a snapshot of an older version has gates without numbers and runs without a best', () => {
  const world = worldOf([9, 3]);
  const older = structuredClone(world.state) as unknown as Record<string, unknown>;
  const strip = (value: unknown, ...keys: string[]): void => {
    for (const key of keys) delete (value as Record<string, unknown>)[key];
  };
  strip(older, 'bests');
  for (const run of Object.values(older.runs as Record<string, Record<string, unknown>>)) {
    strip(run, 'kept', 'bars', 'references');
    strip(run.definition, 'keepBest');
    for (const pass of run.passes as { gates: unknown[] }[])
      for (const gate of pass.gates) strip(gate, 'score', 'measures', 'flags');
  }
  const whole = wholeFleet(older);
  const run = whole.runs['fix-1'];
  assert.deepEqual([run?.kept, run?.bars, run?.definition.keepBest, whole.bests], [null, {}, null, {}]);
  assert.deepEqual(run?.passes[0]?.gates[0]?.flags, []);
});
