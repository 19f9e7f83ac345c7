import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetState } from '../../../source/loop/state.ts';
import { USUAL } from '../../../source/pane/keys/operator.ts';
import { burnLine, tokensPerMinute } from '../../../source/pane/present/burn.ts';
import { gateHistory } from '../../../source/pane/present/gates.ts';
import { headerLine } from '../../../source/pane/present/header.ts';
import { ledgerRows } from '../../../source/pane/present/ledger.ts';
import { loopRows } from '../../../source/pane/present/loop.ts';
import { cells, textOf } from '../../../source/pane/present/span.ts';
import { metricGate } from '../../loop/made-loop.ts';
import { definition, fleet, gate, MINUTE, meter, NOW, nineRuns, pass, run, spend } from '../fleet-fixture.ts';

/** Tokens of `a-1` and of another run, minute by minute, the newest last. */
function burning(...minutes: readonly (readonly [number, number])[]): FleetState {
  const newest = Math.floor(NOW / MINUTE) * MINUTE;
  const made = minutes.map(([one, other], index) => ({
    at: newest - (minutes.length - 1 - index) * MINUTE,
    spend: spend(one + other, 0.1),
    runs: [
      { run: 'a-1', loop: 'a', fresh: one, usd: 0.1 },
      { run: 'b-1', loop: 'b', fresh: other, usd: 0 },
    ],
  }));
  const base = fleet([run('a', 1), run('b', 1)]);
  return {
    ...base,
    spending: { ...base.spending, minutes: made.filter(({ spend: { tokens } }) => tokens.output > 0) },
  };
}

const state = burning([9000, 0], [10_000, 0], [0, 20_000], [20_000, 20_000], [0, 0], [30_000, 10_000]);

test('the last eight minutes are one sign each, the newest last, a minute without tokens a dot', () => {
  assert.deepEqual(tokensPerMinute(state, NOW), [0, 0, 9000, 10_000, 20_000, 40_000, 0, 40_000]);
  assert.deepEqual(tokensPerMinute(state, NOW, 'a-1'), [0, 0, 9000, 10_000, 0, 20_000, 0, 30_000]);
  assert.match(textOf(burnLine(state, NOW)), /^··▂▂▄█·█ \d+k\/min$/);
  assert.deepEqual(burnLine(fleet([]), NOW), []);
  assert.deepEqual(burnLine(state, NOW + 60 * MINUTE), []);
});

test('the fleet’s rate is in the header where there is room, the run’s in its own view', () => {
  assert.match(textOf(headerLine(state, 'connected', NOW, 120)), /today {3}··▂▂▄█·█ \d+k\/min {3}\d\d:\d\d/);
  for (let columns = 30; columns <= 200; columns++) {
    const header = textOf(headerLine(state, 'connected', NOW, columns));
    assert.equal(cells(header), columns);
    assert.match(header, /looptop/);
  }
  const look = { tab: 'trace', pass: null, scroll: 0, now: NOW, legend: USUAL, text: null, search: null } as const;
  const one = state.runs['a-1'];
  assert.ok(one !== undefined);
  assert.match(
    loopRows(state, one, look, 120, 20).map(textOf).join('\n'),
    /looptop\/a-1 · session .* ··▃▃·▆·█ \d+k\/min/,
  );
});

test('what each pass cost stands under the passes as a curve with its sum', () => {
  const rows = (one = nineRuns()[0], room = 60) => (one === undefined ? [] : ledgerRows(one, 3, room, 10).map(textOf));
  assert.match(rows().join('\n'), /cost ██▆ {2}0\.70 0\.70 0\.44 = \$1\.84/);
  assert.match(rows(nineRuns()[0], 30).join('\n'), /cost ██▆ {2}\$1\.84/);
  const unpriced = run('a', 1, { pass: 2, passes: [pass(1, '+'), pass(2, '.')], meter: meter(100_000, 0, true) });
  assert.match(rows(unpriced).join('\n'), /cost █▂ {2}80k 20k = 100k tokens/);
  assert.doesNotMatch(rows(run('a', 1)).join('\n'), /cost/);
});

test('a gate that measures shows its course and its goal beside its signs', () => {
  const measured = (n: number, score: number) => ({ ...pass(n, ''), gates: [gate('size', 'red', { score })] });
  const site = run('site', 1, {
    definition: definition('site', { gates: [metricGate({ id: 'size', run: 'wc -c out.js', max: 10 })] }),
    passes: [measured(1, 20), measured(2, 15), measured(3, 11)],
  });
  assert.equal(textOf(gateHistory(site)), 'size ✗✗✗ █▄▁ 20 → 11 of 10');
  assert.equal(textOf(gateHistory({ ...site, passes: [measured(1, 20)] })), 'size ✗ █ 20 of 10');
  assert.equal(textOf(gateHistory({ ...site, passes: [pass(1, '')] })), 'size ·');
});
