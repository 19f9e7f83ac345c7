/** Loop definitions of an older version's journal, with what this version also wants to know. New ones are made by define.ts. */
import type { LoopDefinition } from './definition.ts';
import { BY_HAND } from './heartbeat.ts';

const OLDER = {
  on: BY_HAND,
  group: null,
  whenBusy: 'skip',
  daily: { tokens: null, usd: null },
  usdPerMinute: null,
  reserve: {},
  onExhausted: 'pause',
  stuck: {},
  meter: null,
  leads: 'maker',
  checker: null,
  reflector: null,
} as const satisfies Partial<LoopDefinition>;

export const wholeLoop = (definition: LoopDefinition): LoopDefinition => ({
  ...OLDER,
  ...definition,
  context: { ...definition.context, rules: { ...{ scope: false }, ...definition.context.rules } },
});
