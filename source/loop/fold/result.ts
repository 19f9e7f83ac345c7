/** A gate's result at its beginning, and as this version needs one that an older version wrote down. */
import type { GateResult } from '../state.ts';

/** Nothing measured, nothing to tell. */
export const NOT_MEASURED = { score: null, measures: {}, flags: [] } as const satisfies Partial<GateResult>;

export const pendingResult = (id: string): GateResult => ({
  id,
  status: 'pending',
  ms: 0,
  exit: null,
  fingerprint: null,
  summary: '',
  tail: '',
  ...NOT_MEASURED,
});

export const wholeResult = (result: GateResult): GateResult => ({ ...NOT_MEASURED, ...result });
