/** What a loop file may say about the stuck rules, and what it is told when it says something else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLoop } from '../../../../source/loop/definition/parse.ts';
import { formatProblem } from '../../../../source/loop/definition/problem.ts';
import { LEGAL, loop } from '../loops.ts';

const parsed = (line: string) => parseLoop(loop([...LEGAL, line]), 'loops/green.md');

test('each rule can be off or have thresholds of its own, and only what is said is kept', () => {
  const { definition, warnings } = parsed(
    'stuck: { repeat: off, cycle: false, silent: { after: 5m, nudge: off }, repeatError: { after: 2 }, burn: { after: 0.4 }, no_improvement: { gate: look, min-delta: 0.002 } }',
  );
  assert.deepEqual(warnings, []);
  assert.deepEqual(definition?.stuck, {
    repeat: 'off',
    cycle: 'off',
    silent: { after: 300_000, nudge: null },
    'repeat-error': { after: 2 },
    burn: { after: 0.4 },
    'no-improvement': { gate: 'look', minDelta: 0.002 },
  });
  assert.deepEqual(parsed('stuck: {}').definition?.stuck, {});
});

for (const [line, said] of [
  ['stuck: { repaet: off }', 'stuck.repaet: unknown key (did you mean repeat?)'],
  ['stuck: { same-failures: off }', 'stuck.same-failures: unknown key (did you mean same-failure?)'],
  ['stuck: { repeat: on }', 'stuck.repeat: found "on", expected off, or a map with after'],
  ['stuck: { repeat: 3 }', 'stuck.repeat: found 3, expected off, or a map with after'],
  ['stuck: { repeat: { afer: 3 } }', 'stuck.repeat.afer: unknown key (did you mean after?)'],
  ['stuck: { repeat: { after: 0 } }', 'stuck.repeat.after: found 0, expected at least 1'],
  ['stuck: { repeat: { after: 5m } }', 'stuck.repeat.after: found "5m", expected a whole number above 0, or off'],
  ['stuck: { silent: { after: 5 } }', 'stuck.silent.after: found 5, expected a duration such as 15m, or off'],
  ['stuck: { burn: { warn: 40% } }', 'stuck.burn.warn: found "40%", expected a share such as 0.25, or off'],
  ['stuck: { repeat: { nudge: 3, after: 2 } }', 'stuck.repeat.nudge: found 3, expected less than after'],
] as const) {
  test(`refused: ${line}`, () => {
    assert.deepEqual(parsed(line).problems.map(formatProblem), [`loops/green.md:6: ${said}`]);
  });
}
