import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatesTab } from '../../../source/pane/present/loop-tabs.ts';
import { textOf } from '../../../source/pane/present/span.ts';
import { metricGate } from '../../loop/made-loop.ts';
import { definition, gate, pass, run } from '../fleet-fixture.ts';

test('a gate that measures shows its number pass by pass as a curve, and a flag stands under a green gate', () => {
  const measured = (n: number, score: number) => ({
    ...pass(n, ''),
    gates: [gate('size', n < 3 ? 'red' : 'green', { score, measures: { bar: 12 }, tail: '' })],
  });
  const site = run('site', 1, {
    definition: definition('site', { gates: [metricGate({ id: 'size', run: 'wc -c out.js', max: 10 })] }),
    pass: 3,
    passes: [
      measured(1, 20),
      measured(2, 15),
      {
        ...measured(3, 9),
        gates: [gate('size', 'green', { score: 9, flags: ['the maker changed size.sh, which it runs'] })],
      },
    ],
  });
  const shown = (n: number) => gatesTab(site, n, 80).map(textOf).join('\n');
  assert.match(shown(3), /\$ wc -c out\.js, at most 10/);
  assert.match(shown(3), /█▅▁ {2}20 15 9/);
  assert.match(shown(3), /the maker changed size\.sh, which it runs/);
  assert.match(shown(2), /bar 12/);
});
