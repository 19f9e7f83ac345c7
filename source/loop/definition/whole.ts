/** Loop definitions of an older version's journal, with what this version also wants to know. New ones are made by define.ts. */
import type { LoopDefinition } from './definition.ts';

const OLDER = {
  daily: { tokens: null, usd: null },
  usdPerMinute: null,
  reserve: {},
  onExhausted: 'pause',
  stuck: {},
  leads: 'maker',
  checker: null,
  reflector: null,
} as const satisfies Partial<LoopDefinition>;

export const wholeLoop = (definition: LoopDefinition): LoopDefinition => ({
  ...OLDER,
  ...definition,
  isolation: { ...{ branch: null, teardown: null, ttlMs: null }, ...definition.isolation },
  context: {
    ...{ skills: [], mcp: null, state: null, progress: null },
    ...definition.context,
    rules: { ...{ scope: false }, ...definition.context.rules },
  },
});
