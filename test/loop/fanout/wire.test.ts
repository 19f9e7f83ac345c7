/** Metered on the wire, requests of all runs of a fan share the room under its cap. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunState, WireBound } from '../../../source/loop/state.ts';
import type { RunId } from '../../../source/loop/units.ts';
import { admission } from '../../../source/loop/wire.ts';
import { fanWorld, items, RULES } from './fleet.ts';

const bound = (input: number, output: number): WireBound => ({
  input,
  warm: input,
  output,
  usd: { input: input / 1e6, warm: input / 1e6, output: output / 1e6 },
});

test('what one run of the fan has reserved is not there for another, and what passes the cap is refused', () => {
  const caps = { tokens: 40_000, usd: 50, wallMs: 86_400_000, passes: 99 };
  const w = fanWorld(
    { perItem: { ...RULES.perItem, tokens: 1_000_000 } },
    { budget: caps },
    { script: { agent: () => [] } },
  );
  w.fire('move', items(2));
  for (let step = 0; step < 8; step++) w.settleOnce();
  const [one, two] = ['move-1', 'move-2'].map((id) => w.run(id));
  assert.ok(one?.agent && two?.agent);
  const ask = (run: RunState, request: WireBound) => admission(w.state, run, request, w.now, null).verdict;
  assert.equal(ask(two, bound(20_000, 10_000)), 'go');
  w.happen({
    type: 'wire-sent',
    run: one.id as RunId,
    agent: one.agent.id,
    key: 'k',
    model: 'm',
    own: true,
    bound: bound(10_000, 5000),
  });
  assert.equal(ask(two, bound(20_000, 10_000)), 'wait');
  assert.equal(ask(two, bound(15_000, 10_000)), 'go');
  assert.equal(ask(two, bound(30_000, 20_000)), 'refuse');
});
