import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../../source/loop/decide.ts';
import type { Event } from '../../../source/loop/event.ts';
import { emptyFleet, fold } from '../../../source/loop/fold.ts';
import { phaseOf } from '../../../source/loop/run-status.ts';
import type { RunId } from '../../../source/loop/units.ts';
import { madeLoop, queued, stamp } from '../made-loop.ts';
import { SimulatedWorld } from '../simulated-world.ts';

const RUNS = ['fix-1', 'fix-2', 'fix-3'] as RunId[];
const world = new SimulatedWorld({ agent: () => 'ends', gate: () => '' });
for (const run of RUNS) world.happen(queued(madeLoop({ concurrency: { max: 3 } }), run));
world.settle();

const run = fc.constantFrom(...RUNS);
const text = fc.constantFrom('', 'a.txt', 'boom');
const gate = fc.constantFrom('lint', 'unit', 'full', 'other');
const target = fc.constantFrom('main', 'next');
const how = fc.constantFrom('rebase' as const, 'pr' as const);
const of = <T>(type: string, more: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.record({ type: fc.constant(type), run, ...more }) as unknown as fc.Arbitrary<T>;
const event = fc.oneof(
  { weight: 4, arbitrary: of<Event>('land-asked', { how, target, push: fc.boolean(), by: text }) },
  { weight: 4, arbitrary: of<Event>('land-merged', { onto: text, commit: text, ...counts() }) },
  {
    weight: 8,
    arbitrary: of<Event>('land-gate-ended', {
      ...{ gate, status: fc.constantFrom('green', 'green', 'green', 'red', 'timeout'), summary: text, tail: text },
      ...{ ms: fc.nat(), exit: fc.constant(null), fingerprint: fc.constant(null), score: fc.constant(null) },
      ...{ measures: fc.constant({}), flags: fc.constant([]) },
    }),
  },
  of<Event>('land-gate-started', { gate }),
  of<Event>('land-conflicted', { onto: text, files: fc.constant([{ path: 'a', how: 'both' }]), hunks: text }),
  of<Event>('land-returned', { base: fc.option(text), detail: text }),
  of<Event>('land-stale', { tip: fc.option(text) }),
  of<Event>('land-refused', { why: text }),
  of<Event>('land-withdrawn', { by: text }),
  of<Event>('sent-back', { note: text, text, by: text }),
  of<Event>('pushed', { commit: text, to: fc.option(text), failed: text }),
  of<Event>('kill-asked', { by: text }),
  of<Event>('run-ended', {
    end: fc.constantFrom({ kind: 'landed' }, { kind: 'discarded', by: 'you', branchUntil: 1 }),
  }),
);

function counts() {
  return { files: fc.nat(), added: fc.nat(), removed: fc.nat() };
}

test('any events of landings in any order keep the queue in order, and a run ends once', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80, size: 'max' }), (events) => {
      let state = world.state;
      const ends = new Map<string, number>();
      for (const [index, each] of events.entries()) {
        const before = state;
        state = fold(state, stamp(each, 10_000 + index));
        const landing = Object.values(state.runs).filter(({ status, landing }) => status.tag === 'open' && landing);
        assert.deepEqual([...state.landings].sort(), landing.map(({ id }) => id).sort(), 'all of them, and no other');
        for (const name of ['main', 'next']) {
          const queue = state.landings
            .flatMap((id) => state.runs[id]?.landing ?? [])
            .filter((one) => one.target === name);
          assert.deepEqual(
            queue.map(({ place }) => place),
            queue.map((_, at) => at + 1),
          );
        }
        const { effects } = decide(state, 1e9);
        const busy = effects.flatMap((effect) => (effect.do.startsWith('land-') && effect.run ? [effect.run] : []));
        assert.equal(new Set(busy.map((id) => state.runs[id]?.landing?.target)).size, busy.length, 'one a target');
        for (const { id } of RUNS.map((name) => ({ id: name }))) {
          const [was, is] = [before.runs[id], state.runs[id]];
          assert.ok(was && is);
          if (was.status.tag === 'open' && is.status.tag === 'ended') ends.set(id, (ends.get(id) ?? 0) + 1);
          if (is.landing?.step.is === 'moving' && was.landing?.step.is !== 'moving')
            assert.equal(each.type, 'land-gate-ended', 'only a gate lets it move');
          assert.notEqual(phaseOf(is), 'green');
        }
      }
      for (const times of ends.values()) assert.equal(times, 1);
      const replayed = events.reduce(
        (so, each, index) => fold(so, stamp(each, 10_000 + index)),
        JSON.parse(JSON.stringify(world.state)),
      );
      assert.deepEqual(replayed, JSON.parse(JSON.stringify(state)));
    }),
    { numRuns: 300 },
  );
  assert.notDeepEqual(world.state, emptyFleet());
});
