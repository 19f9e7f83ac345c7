/** Loop definitions and stamped events for the tests of the pure core. */
import type { LoopDefinition } from '../../source/loop/definition/definition.ts';
import type { MetricGate, ShellGate } from '../../source/loop/definition/gates.ts';
import { BY_HAND } from '../../source/loop/definition/heartbeat.ts';
import { USUAL_SUCCESS } from '../../source/loop/definition/success.ts';
import { USUAL_HITS } from '../../source/loop/definition/triage.ts';
import type { Event, Stamped } from '../../source/loop/event.ts';
import { emptyFleet, fold } from '../../source/loop/fold.ts';
import type { FleetState } from '../../source/loop/state.ts';
import type { AgentId, RunId } from '../../source/loop/units.ts';

export const RUN = 'fix-1' as RunId;
export const agentId = (id: string) => id as AgentId;

export const shellGate = (change: Partial<ShellGate> = {}): ShellGate => ({
  id: 'g',
  type: 'shell',
  run: 'true',
  when: 'pass',
  required: true,
  guards: false,
  timeoutMs: 1000,
  repeat: 1,
  hint: null,
  expect: null,
  wait: null,
  ...change,
});

export function metricGate(change: Partial<MetricGate> = {}): MetricGate {
  const { expect: _expect, ...common } = shellGate();
  return {
    ...common,
    ...{ type: 'metric', read: { from: 'last' }, min: null, max: null, ratchet: null, tolerance: 0 },
    ...change,
  };
}

export function madeLoop(change: Partial<LoopDefinition> = {}): LoopDefinition {
  const maker: LoopDefinition['maker'] = {
    engine: 'scripted',
    model: 'standard',
    effort: null,
    turns: null,
    permission: 'acceptEdits',
    tools: { allow: [], deny: [] },
    run: null,
    scenario: 'scenario.yaml',
  };
  return {
    name: 'fix',
    description: '',
    enabled: true,
    kind: 'closed',
    on: BY_HAND,
    goal: 'The tests pass.',
    maker,
    escalate: [{ when: 'same-failure', count: 2, maker: { ...maker, model: 'strong' } }],
    gates: [
      shellGate({ id: 'lint', run: 'lint' }),
      shellGate({ id: 'unit', run: 'unit' }),
      shellGate({ id: 'full', run: 'full', when: 'final' }),
    ],
    budget: { tokens: 100_000, usd: 5, wallMs: 60_000, passes: 8 },
    daily: { tokens: null, usd: null },
    usdPerMinute: null,
    leads: 'maker',
    triage: null,
    discover: null,
    onHit: USUAL_HITS,
    fanOut: null,
    checker: null,
    reflector: null,
    reserve: {},
    stuck: {},
    onExhausted: 'pause',
    keepBest: null,
    meter: null,
    warnAt: [0.8, 0.9, 0.95],
    review: { maxUnreadLines: null },
    isolation: {
      type: 'worktree',
      base: null,
      branch: null,
      setup: null,
      setupTimeoutMs: 1000,
      teardown: null,
      copy: [],
      keep: 'on-failure',
      ttlMs: null,
    },
    context: {
      skills: [],
      mcp: null,
      state: null,
      progress: null,
      files: [],
      rules: { file: 'RULES.md', max: 25, tokens: 1500, scope: false },
    },
    commit: '{{summary}}',
    onSuccess: USUAL_SUCCESS,
    followedBy: [],
    concurrency: { max: 1 },
    notify: { success: null, failure: null },
    group: null,
    whenBusy: 'skip',
    prompts: { maker: 'Fix it.', checker: '', triage: '', reflect: '' },
    ...change,
  };
}

export const queued = (definition = madeLoop(), run: RunId = RUN): Event => ({
  type: 'run-queued',
  run,
  loop: definition.name,
  number: 1,
  item: null,
  nonce: 'abc',
  definition,
  by: 'test',
});

/** Folds events one second apart, starting at second 1. */
export function folded(events: readonly Event[], from: FleetState = emptyFleet()): FleetState {
  return events.reduce((state, event, index) => fold(state, stamp(event, index + 1)), from);
}

export const stamp = (event: Event, second: number): Stamped => ({
  seq: second,
  at: second * 1000,
  day: '2026-11-23',
  event,
});
