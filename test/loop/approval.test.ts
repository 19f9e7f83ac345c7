import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GateDefinition, HumanGate } from '../../source/loop/definition/gates.ts';
import { madeLoop, queued, shellGate } from './made-loop.ts';
import { SimulatedWorld } from './simulated-world.ts';

const { run: _run, expect: _expect, wait: _wait, ...common } = shellGate();
const human = (change: Partial<HumanGate> = {}): HumanGate => ({
  ...common,
  id: 'eyes',
  type: 'human',
  question: 'Is it so?',
  ...change,
});

function worldOf(gates: readonly GateDefinition[], red: (pass: number, gate: string) => boolean = () => false) {
  const world = new SimulatedWorld({
    agent: () => 'ends',
    gate: (run, gate) => (red(run.pass, gate) ? `red in ${run.pass}` : ''),
  });
  world.happen(queued(madeLoop({ gates, escalate: [] })));
  world.settle();
  return world;
}

const holdOf = (world: SimulatedWorld) => {
  const { status } = world.run();
  return status.tag === 'open' ? status.hold : null;
};

test('a run asks its person last, and waits for as long as it takes', () => {
  const world = worldOf([human(), shellGate({ id: 'unit' })]);
  const hold = holdOf(world);
  assert.deepEqual(hold?.kind === 'paused' && [hold.why, hold.detail], ['approval', 'eyes: Is it so?']);
  assert.deepEqual(
    world.done.flatMap((effect) => (effect.do === 'gate' ? [effect.gate.id] : [])),
    ['unit'],
  );
  world.now += 10 * 86_400_000;
  world.settle();
  assert.equal(holdOf(world)?.kind, 'paused');
  assert.equal(world.command({ do: 'resume', run: 'fix-1' }), null);
  world.settle();
  assert.equal(world.run().status.tag === 'open' && world.run().status, world.run().status);
  assert.deepEqual(
    world.run().passes[0]?.gates.map(({ id, status, summary }) => [id, status, summary]),
    [
      ['eyes', 'green', 'approved by you'],
      ['unit', 'green', ''],
    ],
  );
  assert.equal(world.run().commit, 'c0ffee');
});

test('nobody is asked about a stage that is red, and a No is a red gate like any other', () => {
  const world = worldOf([shellGate({ id: 'unit' }), human()], (pass) => pass === 1);
  assert.equal(world.run().pass, 2);
  assert.equal(world.run().passes[0]?.gates[1]?.status, 'pending');
  assert.equal(world.command({ do: 'stop', run: 'fix-1' }), null);
  world.settle();
  assert.equal(world.run().pass, 3, 'the maker goes on');
  assert.equal(world.run().passes[1]?.why, 'eyes: refused by you');
  assert.equal(world.run().commit, null);
  assert.equal(holdOf(world)?.kind, 'paused');
});

test('a person who is only asked for advice cannot keep a run from green', () => {
  const world = worldOf([shellGate({ id: 'unit' }), human({ required: false })]);
  world.command({ do: 'stop', run: 'fix-1' });
  world.settle();
  assert.equal(world.run().commit, 'c0ffee');
});

test('an answer that was not asked for turns nothing green', () => {
  const world = worldOf([shellGate({ id: 'unit' }), human()], () => true);
  const before = world.state;
  const answer = {
    type: 'gate-ended',
    run: world.run().id,
    pass: world.run().pass,
    gate: 'eyes',
    status: 'green',
    exit: null,
    ms: 0,
    fingerprint: null,
    summary: 'approved',
    tail: '',
    by: 'nobody',
  } as const;
  world.happen(answer);
  assert.deepEqual(world.state.runs['fix-1']?.passes, before.runs['fix-1']?.passes);
});
