/** A fleet that fans out: a pilot of two that is done, with one failure, and four items that wait for the operator. */
import type { FanOut } from '../../source/loop/definition/definition.ts';
import { NO_SPEND } from '../../source/loop/meter.ts';
import type { FanItem, FanState, FleetState } from '../../source/loop/state.ts';
import type { RunId } from '../../source/loop/units.ts';
import { definition, fleet, loopState, MINUTE, NOW, run, spend } from './fleet-fixture.ts';

export const RULES: FanOut = {
  remembers: false,
  maxItems: 20,
  maxParallel: 3,
  pilot: 2,
  order: 'listed',
  merge: 'none',
  onItemFailure: 'skip',
  stopWhen: null,
  perItem: { tokens: 150_000, usd: 1.5, wallMs: 20 * MINUTE, passes: 4 },
};

const item = (key: string, state: FanItem['state'], n: number | null = null, why = ''): FanItem => ({
  key,
  item: null,
  state,
  run: n === null ? null : (`refactor-${n}` as RunId),
  why,
});

const refactor = definition('refactor', { fanOut: RULES });

export const fan = (changes: Partial<FanState> = {}): FanState => ({
  id: 'f1',
  loop: 'refactor',
  definition: refactor,
  rules: RULES,
  trust: 'untrusted',
  at: NOW - 20 * MINUTE,
  by: 'ada',
  items: [
    item('core', 'green', 1),
    item('http', 'failed', 2, 'stopped at its cap, 4 of 4 passes, still red: unit'),
    ...['api', 'cli', 'docs', 'web'].map((key) => item(key, 'waiting')),
  ],
  pilotedAt: NOW - MINUTE,
  released: false,
  stopped: null,
  budget: { tokens: 1_000_000, usd: 10, wallMs: 240 * MINUTE, passes: 80 },
  spent: spend(310_000, 2.1),
  wallMs: 14 * MINUTE,
  passes: 5,
  endedAt: null,
  ...changes,
});

const ofFan = { definition: refactor, agent: null };

export const fanFleet = (changes: Partial<FanState> = {}): FleetState =>
  fleet(
    [
      run('refactor', 1, {
        ...ofFan,
        fan: { id: 'f1', key: 'core' },
        status: { tag: 'open', phase: 'review', hold: null },
        commit: '9f8e7d6c',
      }),
      run('refactor', 2, {
        ...ofFan,
        fan: { id: 'f1', key: 'http' },
        status: {
          tag: 'ended',
          end: { kind: 'exhausted', detail: 'stopped at its cap, 4 of 4 passes, still red: unit' },
          at: NOW - MINUTE,
        },
      }),
    ],
    {
      loops: { refactor: loopState('refactor', { definition: refactor }) },
      fans: { f1: fan(changes) },
      fanCount: 1,
    },
  );

/** The same, released, with two items at work. */
export function releasedFleet(): FleetState {
  const before = fanFleet();
  const working = ['api', 'cli'].map((key, at) =>
    run('refactor', 3 + at, { definition: refactor, fan: { id: 'f1', key } }),
  );
  const items = fan().items.map((each) => {
    const own = working.find(({ fan: of }) => of?.key === each.key);
    return own === undefined ? each : { ...each, state: 'running' as const, run: own.id };
  });
  const runs = { ...before.runs, ...Object.fromEntries(working.map((each) => [each.id, each])) };
  return { ...before, runs, fans: { f1: fan({ released: true, items, spent: NO_SPEND }) } };
}
