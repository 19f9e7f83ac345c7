/** A simulated fleet with one loop that fans out. What becomes of each item is up to the test. */
import type { AgentEvent } from '../../../source/loop/agent-event.ts';
import type { FanOut, LoopDefinition } from '../../../source/loop/definition/definition.ts';
import type { Event } from '../../../source/loop/event.ts';
import type { FanItem, FanState, RunState } from '../../../source/loop/state.ts';
import { NO_TOKENS } from '../../../source/loop/tokens.ts';
import { madeLoop, shellGate } from '../made-loop.ts';
import { type Script, SimulatedWorld } from '../simulated-world.ts';
import { DISCOVER, read } from '../triage/fleet.ts';

export const RULES: FanOut = {
  remembers: false,
  maxItems: 50,
  maxParallel: 3,
  pilot: 0,
  order: 'listed',
  merge: 'none',
  onItemFailure: 'skip',
  stopWhen: null,
  perItem: { tokens: 20_000, usd: 1, wallMs: 3_600_000, passes: 2 },
};

export const fanLoop = (rules: Partial<FanOut> = {}, change: Partial<LoopDefinition> = {}): LoopDefinition =>
  madeLoop({
    name: 'move',
    discover: { ...DISCOVER, limit: 50 },
    fanOut: { ...RULES, ...rules },
    gates: [shellGate()],
    escalate: [],
    stuck: { 'same-failure': 'off' },
    budget: { tokens: 1_000_000, usd: 50, wallMs: 86_400_000, passes: 1000 },
    concurrency: { max: 20 },
    ...change,
  });

export const keyOf = (run: RunState): string => run.fan?.key ?? '';

/** One response of the size that the test says, then it is done; the gate of an item in `red` is red in every pass. */
export function fanWorld(
  rules: Partial<FanOut> = {},
  change: Partial<LoopDefinition> = {},
  { red = [], script = {} }: { red?: readonly string[]; script?: Partial<Script> } = {},
): SimulatedWorld {
  const world = new SimulatedWorld({
    agent: (run, tick) => (tick === 0 ? [bill(`${run.id}-${run.pass}`, 1000)] : 'ends'),
    gate: (run) => (red.includes(keyOf(run)) ? 'it is red' : ''),
    ...script,
  });
  world.happen(read(fanLoop(rules, change)));
  return world;
}

export const bill = (key: string, output: number, usd = 0.1): AgentEvent => ({
  type: 'usage',
  key,
  model: 'm',
  tokens: { ...NO_TOKENS, output },
  usd,
  final: true,
});

/** `a`, `b`, `c` … */
export const items = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `i${at + 1}` }));

export function fan(world: SimulatedWorld, id = 'f1'): FanState {
  const found = world.state.fans[id];
  if (found === undefined) throw new Error(`no fan ${id}`);
  return found;
}

export const states = (world: SimulatedWorld, id = 'f1'): Record<string, FanItem['state']> =>
  Object.fromEntries(fan(world, id).items.map(({ key, state }) => [key, state]));

export const of = <T extends Event['type']>(world: SimulatedWorld, type: T) =>
  world.history.filter((event): event is Extract<Event, { type: T }> => event.type === type);

/** Runs of the fan whose agents live now. */
export const atWork = (world: SimulatedWorld): readonly RunState[] =>
  Object.values(world.state.runs).filter(
    ({ status }) => status.tag === 'open' && status.phase !== 'review' && status.hold === null,
  );
