/** A simulated fleet with a loop that triages and loops that take its hits. What the triage agent says is up to the test. */
import type { LoopDefinition } from '../../../source/loop/definition/definition.ts';
import { USUAL_HITS } from '../../../source/loop/definition/triage.ts';
import type { Event } from '../../../source/loop/event.ts';
import type { RunState } from '../../../source/loop/state.ts';
import { candidatesOf } from '../../../source/loop/triage/candidates.ts';
import { madeLoop } from '../made-loop.ts';
import { type Script, SimulatedWorld } from '../simulated-world.ts';

export const DISCOVER = {
  run: 'list',
  key: 'id',
  changedBy: ['updated'],
  limit: 20,
  forgetAfterMs: 14 * 86_400_000,
  trust: 'untrusted',
} as const;

export function triageLoop(change: Partial<LoopDefinition> = {}): LoopDefinition {
  const loop = madeLoop();
  return madeLoop({
    name: 'triage',
    leads: 'triage',
    maker: { ...loop.maker, model: 'cheap', permission: 'plan' },
    escalate: [],
    gates: [],
    discover: DISCOVER,
    isolation: { ...loop.isolation, type: 'none' },
    ...change,
  });
}

export const read = (definition: LoopDefinition): Event => ({
  type: 'loop-read',
  name: definition.name,
  path: `loops/${definition.name}.md`,
  trusted: true,
  definition,
  problems: [],
});

export interface Ranked {
  readonly key: string | number;
  readonly priority?: string;
  readonly confidence?: number;
  readonly reason?: string;
  readonly evidence?: string;
  readonly loop?: string;
}

export const answerOf = (...hits: readonly Ranked[]): string =>
  `I looked.\n${JSON.stringify({
    hits: hits.map((hit) => ({
      priority: 'p1',
      confidence: 0.9,
      reason: `${hit.key} is broken`,
      evidence: 'src/a.js:1',
      loop: 'fix',
      ...hit,
    })),
  })}`;

/** Ranks every candidate it is given. */
export const ranksAll = (run: RunState): string => answerOf(...candidatesOf(run.item).map(({ key }) => ({ key })));

/** `says` answers for the triage agent; makers are done at once and their gates green. */
export function triageWorld(
  says: (run: RunState) => string,
  change: Partial<LoopDefinition> = {},
  script: Partial<Script> = {},
): SimulatedWorld {
  const world = new SimulatedWorld({
    agent: (run, tick) => (run.loop === 'triage' && tick === 0 ? [{ type: 'said', text: says(run) }] : 'ends'),
    gate: () => '',
    ...script,
  });
  world.happen(read(triageLoop(change)), read(madeLoop({ escalate: [], concurrency: { max: 9 } })));
  return world;
}

export const marks = (change: Partial<LoopDefinition['onHit']>): Partial<LoopDefinition> => ({
  onHit: { ...USUAL_HITS, ...change },
});
