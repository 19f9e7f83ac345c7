import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../source/loop/decide.ts';
import type { Event } from '../../source/loop/event.ts';
import { emptyFleet, fold, wholeFleet } from '../../source/loop/fold.ts';
import { HAPPENINGS } from '../../source/loop/state/hooks.ts';
import type { FleetState, Happening } from '../../source/loop/state.ts';
import { folded, madeLoop, queued, RUN, shellGate, stamp } from './made-loop.ts';
import { SimulatedWorld } from './simulated-world.ts';

const withHooks = (hooks: readonly Happening[]): FleetState => {
  const fleet = emptyFleet();
  return { ...fleet, settings: { ...fleet.settings, hooks } };
};
const paused = (detail: string): Event => ({ type: 'paused', run: RUN, why: 'stuck', detail });
const resumed: Event = { type: 'resume-asked', run: RUN, by: 'me' };
const due = (fleet: FleetState) => fleet.hookCalls.map(({ happening, words }) => `${happening}: ${words}`);

test('a call is queued by the very event that brings it about, once for each new need', () => {
  const events: readonly Event[] = [
    queued(),
    { type: 'prepare-started', run: RUN },
    paused('the same failure'),
    { type: 'note-given', run: RUN, note: 'n', text: 'hm', by: 'me' },
    resumed,
    paused('again'),
  ];
  assert.deepEqual(due(folded(events, withHooks(['needs-you']))), [
    'needs-you: stuck: the same failure',
    'needs-you: stuck: again',
  ]);
  assert.deepEqual(due(folded(events, withHooks(['green', 'failed']))), []);
});

test('what had happened before there was a hook is not called out, nor what an old journal says of none', () => {
  const before = folded([queued(), { type: 'prepare-started', run: RUN }, paused('old')], withHooks([]));
  const settings = { ...before.settings, hooks: HAPPENINGS };
  assert.deepEqual(due(folded([{ type: 'settings-read', settings }], before)), []);
  const { hooks: _hooks, ...older } = before.settings;
  const read = fold(before, stamp({ type: 'settings-read', settings: older as FleetState['settings'] }, 9));
  assert.deepEqual(read.settings.hooks, []);
  const { hookCalls: _calls, ...snapshot } = before;
  assert.deepEqual(wholeFleet(snapshot).hookCalls, []);
});

test('calls are made one after the other in their order, asked again after a crash, and no more when done', () => {
  let fleet = folded(
    [queued(), { type: 'prepare-started', run: RUN }, paused('one'), resumed, paused('two')],
    withHooks(['needs-you']),
  );
  const wanted = () => decide(fleet, 60_000).effects.flatMap((effect) => (effect.do === 'hook' ? [effect.call] : []));
  const [first, second] = fleet.hookCalls.map(({ id }) => id);
  assert.deepEqual(wanted(), [first]);
  assert.deepEqual(wanted(), [first]);
  const done = (call = ''): Event => ({ type: 'hook-called', call, happening: 'needs-you', ms: 1, failed: 'exit 1' });
  fleet = folded([done(first)], fleet);
  assert.deepEqual(wanted(), [second]);
  fleet = folded([done(second)], fleet);
  assert.deepEqual(wanted(), []);
});

test('where hooks hang, the oldest calls make room', () => {
  const events = Array.from({ length: 150 }, (_, n) => [paused(`${n}`), resumed]).flat();
  const fleet = folded([queued(), { type: 'prepare-started', run: RUN }, ...events], withHooks(['needs-you']));
  assert.equal(fleet.hookCalls.length, 100);
  assert.equal(fleet.hookCalls.at(-1)?.words, 'stuck: 149');
});

test('a run from its start to green is called out once, and again under its own id after a crash that cut it short', () => {
  const world = new SimulatedWorld({ agent: () => 'ends', gate: () => '' });
  world.happen({ type: 'settings-read', settings: { ...emptyFleet().settings, hooks: HAPPENINGS } });
  world.happen(queued(madeLoop({ gates: [shellGate()] })));
  while (world.state.hookCalls.length === 0) assert.ok(world.settleOnce());
  const [call] = world.state.hookCalls;
  world.crash();
  assert.deepEqual(world.state.hookCalls, [call]);
  world.settle();
  const called = world.history.flatMap((event) => (event.type === 'hook-called' ? [event.call, event.happening] : []));
  assert.deepEqual(called, [call?.id, 'green']);
});
