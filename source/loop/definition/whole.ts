/** Loop definitions of an older version's journal, with what this version also wants to know. New ones are made by define.ts. */
import type { LoopDefinition } from './definition.ts';
import type { GateDefinition } from './gates.ts';
import { BY_HAND } from './heartbeat.ts';
import { USUAL_SUCCESS } from './success.ts';
import { USUAL_HITS } from './triage.ts';

const OLDER = {
  on: BY_HAND,
  group: null,
  whenBusy: 'skip',
  daily: { tokens: null, usd: null },
  usdPerMinute: null,
  reserve: {},
  onExhausted: 'pause',
  keepBest: null,
  stuck: {},
  meter: null,
  leads: 'maker',
  triage: null,
  followedBy: [],
  discover: null,
  onHit: USUAL_HITS,
  fanOut: null,
  checker: null,
  reflector: null,
  review: { maxUnreadLines: null },
  notify: { success: null, failure: null },
  onSuccess: USUAL_SUCCESS,
} as const satisfies Partial<LoopDefinition>;

/** Older gates were shell commands, green when they exit 0. */
const wholeGate = (gate: GateDefinition): GateDefinition =>
  gate.type === 'shell' ? { ...{ guards: false, expect: null, wait: null }, ...gate } : gate;

export const wholeLoop = (definition: LoopDefinition): LoopDefinition => ({
  ...OLDER,
  ...definition,
  gates: definition.gates.map(wholeGate),
  isolation: { ...{ branch: null, teardown: null, ttlMs: null }, ...definition.isolation },
  context: {
    ...{ skills: [], mcp: null, state: null, progress: null },
    ...definition.context,
    rules: { ...{ scope: false }, ...definition.context.rules },
  },
});
