/** A fleet that has learned: a draft that waits, rules on trial, kept, to become a gate, of no use, and one retired. */
import type { FleetState, Rule } from '../../source/loop/state.ts';
import type { RunId } from '../../source/loop/units.ts';
import { fleet, gate, MINUTE, NOW, nineRuns, pass, run } from './fleet-fixture.ts';

const DAY = 24 * 60 * MINUTE;

export const rule = (n: number, changes: Partial<Rule> = {}): Rule => ({
  id: `r${String(n).padStart(3, '0')}`,
  text: `The ${n}th lesson`,
  scope: '**',
  file: 'RULES.md',
  status: 'active',
  by: 'ada',
  at: NOW - n * DAY,
  from: null,
  shown: 0,
  lastShown: null,
  helped: 0,
  hurt: 0,
  bumped: 0,
  ...changes,
});

const learned = { run: 'queue-4' as RunId, gate: 'unit', fingerprint: 'f00d' };

export const RULES: readonly Rule[] = [
  rule(1, { text: 'Do not edit generated files', scope: 'src/generated/**' }),
  rule(20, {
    text: 'Use fake timers in queue tests',
    scope: 'packages/queue/**',
    from: learned,
    shown: 31,
    lastShown: NOW - 6 * MINUTE,
    helped: 30,
    hurt: 1,
  }),
  rule(21, { text: 'Await every worker before you close the pool', from: learned, shown: 14, helped: 1, hurt: 3 }),
  rule(22, { text: 'Mind the time zone', shown: 12, lastShown: NOW - MINUTE, helped: 1, hurt: 2 }),
  rule(30, { text: 'Run the formatter', status: 'retired' }),
];

export function rulesFleet(rules: readonly Rule[] = RULES, changes: Partial<FleetState> = {}): FleetState {
  const source = run('queue', 4, {
    status: { tag: 'ended', end: { kind: 'landed' }, at: NOW - 20 * DAY },
    passes: [
      {
        ...pass(1, 'x'),
        gates: [
          { ...gate('unit', 'red'), fingerprint: 'f00d', summary: '1 failed', tail: 'ok 1\nnot ok 2 - retry waits\n' },
        ],
      },
    ],
    agent: null,
  });
  return fleet([...nineRuns(), source], {
    rules: Object.fromEntries(rules.map((each) => [each.id, each])),
    ...changes,
  });
}
