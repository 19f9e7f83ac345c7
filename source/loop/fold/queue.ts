/** A run at its very beginning, and one of an older version's snapshot made whole. */
import { resolveModel } from '../crew/crew.ts';
import { wholeLoop } from '../definition/whole.ts';
import type { RunEvent } from '../event.ts';
import { emptyMeter } from '../meter.ts';
import { isByTool } from '../question.ts';
import type { AgentState, RunState, Settings } from '../state.ts';
import { wholeResult } from './result.ts';
import { NOT_STUCK } from './stuck.ts';

export function queueRun(event: Extract<RunEvent, { type: 'run-queued' }>, settings: Settings, at: number): RunState {
  const definition = wholeLoop(event.definition);
  return {
    id: event.run,
    loop: event.loop,
    definition,
    item: event.item,
    trust: event.trust ?? 'trusted',
    fan: event.fan ?? null,
    nonce: event.nonce,
    follows: event.follows ?? null,
    followed: [],
    status: { tag: 'open', phase: 'queued', hold: null },
    queuedAt: at,
    startedAt: null,
    wall: { ms: 0, since: null },
    lastEventAt: at,
    worktree: null,
    branch: `loop/${event.run}`,
    base: null,
    target: null,
    commit: null,
    review: null,
    landing: null,
    unlanded: null,
    conflicts: [],
    pushed: null,
    tornDown: false,
    bars: {},
    references: {},
    kept: null,
    budget: definition.budget,
    warned: {},
    rung: 0,
    maker: definition.maker,
    model: resolveModel(definition.maker, settings),
    pass: 0,
    passes: [],
    agent: null,
    agents: 0,
    session: null,
    next: { how: 'fresh' },
    retry: null,
    drain: null,
    wrapUp: null,
    pace: [],
    wire: {},
    meter: emptyMeter,
    provenance: 'unknown',
    trace: [],
    calls: [],
    stuck: NOT_STUCK,
    nudged: [],
    notes: [],
    reflections: [],
    votes: [],
    findings: [],
    rankings: null,
    draft: null,
    ruled: [],
    rulesShown: [],
    forgiven: 0,
    kill: null,
  };
}

/** What a run of an older version does not say. */
const OLDER = {
  wrapUp: null,
  pace: [],
  wire: {},
  bars: {},
  references: {},
  kept: null,
  review: null,
  reflections: [],
  votes: [],
  findings: [],
  stuck: NOT_STUCK,
  trust: 'trusted',
  fan: null,
  rankings: null,
  target: null,
  landing: null,
  unlanded: null,
  conflicts: [],
  pushed: null,
  follows: null,
  followed: [],
} as const;

/** What it waits for was once kept by the hold alone. */
function asksOf({ status }: RunState): Pick<AgentState, 'asks'> {
  const hold = status.tag === 'open' ? status.hold : null;
  if (hold?.kind !== 'waiting' || isByTool(hold)) return {};
  const { kind: _kind, ...ask } = hold;
  return { asks: [ask] };
}

/** A run of a snapshot as this version needs it. */
export const wholeRun = (run: RunState): RunState => ({
  ...OLDER,
  ...run,
  agent: run.agent === null ? null : { ...{ limited: false, said: '', wire: null }, ...asksOf(run), ...run.agent },
  meter: { ...emptyMeter, ...run.meter },
  // Of calls it is not known which were made at once, and the agent makes new ones soon enough.
  calls: run.calls.every((call) => 'seen' in call) ? run.calls : [],
  definition: wholeLoop(run.definition),
  passes: run.passes.map((pass) => ({ ...pass, gates: pass.gates.map(wholeResult) })),
});
