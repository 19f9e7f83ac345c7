import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../source/loop/decide.ts';
import type { LoopDefinition } from '../../source/loop/definition/definition.ts';
import { toFollow } from '../../source/loop/follow.ts';
import type { RunId } from '../../source/loop/units.ts';
import { madeLoop } from './made-loop.ts';
import { SimulatedWorld } from './simulated-world.ts';
import { DISCOVER, read } from './triage/fleet.ts';

const loop = (name: string, change: Partial<LoopDefinition> = {}) => madeLoop({ name, escalate: [], ...change });

function worldOf(loops: readonly LoopDefinition[], red: readonly string[] = []): SimulatedWorld {
  const world = new SimulatedWorld({
    agent: () => 'ends',
    gate: (run) => (red.includes(run.loop) ? `it is as red as pass ${run.pass}` : ''),
    finds: () => [{ id: 1, updated: 1 }],
  });
  world.happen(...loops.map(read));
  return world;
}

const runsOf = (world: SimulatedWorld) => Object.keys(world.state.runs);
const words = (world: SimulatedWorld, id: string) =>
  world
    .run(id)
    .trace.map(({ text }) => text)
    .filter((text) => /started after it/.test(text));

test('a green run starts the loops its file names, each once, with the run as their item', () => {
  const world = worldOf([loop('fix', { followedBy: ['docs', 'notes'] }), loop('docs'), loop('notes')]);
  world.command({ do: 'run', loop: 'fix', item: { number: 7 } });
  world.work();
  assert.deepEqual(runsOf(world), ['fix-1', 'docs-1', 'notes-1']);
  const docs = world.run('docs-1');
  assert.deepEqual(docs.item, {
    ...{ loop: 'fix', run: 'fix-1', outcome: 'success' },
    ...{ branch: 'loop/fix-1', commit: world.run('fix-1').commit, item: { number: 7 } },
  });
  assert.deepEqual([docs.follows, docs.trust], ['fix-1', 'trusted']);
  assert.deepEqual(words(world, 'fix-1'), ['docs-1 is started after it', 'notes-1 is started after it']);
  world.command({ do: 'stop', run: 'fix-1' });
  world.work();
  assert.equal(runsOf(world).length, 3, 'its end is no second green');
});

test('a red run, and one that a person ends, start nothing', () => {
  const world = worldOf([loop('fix', { followedBy: ['docs'] }), loop('docs')], ['fix']);
  world.command({ do: 'run', loop: 'fix' });
  world.work();
  world.command({ do: 'kill', run: 'fix-1' });
  world.work();
  assert.deepEqual(runsOf(world), ['fix-1']);
});

test('what cannot be started is noted with its reason, and not tried again', () => {
  const world = worldOf([loop('fix', { followedBy: ['gone', 'off'] }), loop('off', { enabled: false })]);
  world.command({ do: 'run', loop: 'fix' });
  world.work();
  assert.deepEqual(runsOf(world), ['fix-1']);
  assert.match(words(world, 'fix-1').join('\n'), /^gone is not started after it: There is no loop gone.*\noff is not/);
  assert.deepEqual(toFollow(world.run('fix-1')), []);
});

test('loops that name each other do not go round', () => {
  const world = worldOf([
    loop('fix', { followedBy: ['docs'] }),
    loop('docs', { followedBy: ['notes'] }),
    loop('notes', { followedBy: ['fix'] }),
  ]);
  world.command({ do: 'run', loop: 'fix' });
  world.work();
  assert.deepEqual(runsOf(world), ['fix-1', 'docs-1', 'notes-1']);
  assert.match(words(world, 'notes-1').join(), /notes-1 itself came of fix/);
});

test('a loop that finds its own work looks for it, and its items keep their own trust', () => {
  const world = worldOf([loop('fix', { followedBy: ['sweep'] }), loop('sweep', { discover: DISCOVER })]);
  world.command({ do: 'run', loop: 'fix' });
  world.work();
  assert.deepEqual(world.run('sweep-1').item, { id: 1, updated: 1 });
  assert.equal(world.run('sweep-1').trust, 'untrusted');
  world.command({ do: 'run', loop: 'fix' });
  world.work();
  assert.match(words(world, 'fix-2').join(), /sweep is not started after it: nothing new among 1/);
});

test('what others wrote stays so when it is handed on', () => {
  const world = worldOf([loop('fix', { followedBy: ['docs'], discover: DISCOVER }), loop('docs')]);
  world.fire('fix', [{ id: 1, updated: 1 }]);
  world.work();
  assert.equal(world.run('docs-1').trust, 'untrusted');
});

test('after a crash at any event the same loops are started, each once', () => {
  const begun = () => {
    const world = worldOf([loop('fix', { followedBy: ['docs'] }), loop('docs')]);
    world.command({ do: 'run', loop: 'fix' });
    return world;
  };
  const whole = begun();
  whole.work();
  for (let step = 0; step < whole.journal.length; step++) {
    const world = begun();
    for (let round = 0; round < 200 && world.settleOnce(); round++) if (world.journal.length > step) break;
    world.crash();
    world.work();
    assert.deepEqual(runsOf(world), ['fix-1', 'docs-1']);
  }
});

test('a fleet that goes down starts nothing more', () => {
  const world = worldOf([loop('fix', { followedBy: ['docs'] }), loop('docs')]);
  world.command({ do: 'run', loop: 'fix' });
  while (toFollow(world.run('fix-1')).length === 0) world.settleOnce();
  world.happen({ type: 'supervisor-closing' });
  assert.ok(!decide(world.state, world.now).effects.some(({ do: what }) => what === 'follow'));
  world.happen({ type: 'followed', run: 'fix-1' as RunId, loop: 'docs', to: null, why: 'x' });
  assert.deepEqual(toFollow(world.run('fix-1')), []);
});
