/** What an answer cost: as reported where the report is whole, else what is known and the rest as it was reserved. */
import type { WireBound } from '../../loop/state.ts';
import { NO_TOKENS, type Tokens } from '../../loop/tokens.ts';
import type { Seen } from './dialect.ts';
import { tokensWritten } from './weigh.ts';

export interface Charge {
  readonly tokens: Tokens;
  readonly estimated: boolean;
}

/** No large model writes faster (0.2 a millisecond is fast, 2026); output that the stream hides cannot be more. */
const WRITTEN_PER_MS = 0.5;

/**
 * The charge for an answer that was begun. Providers bill the input and what was written until a client left. `blind`: it may have
 * written what was not seen; `ms` is how long it had for that.
 */
export function chargeFor(seen: Seen, bound: WireBound, blind: boolean, ms: number): Charge {
  if (seen.final && seen.tokens !== null) return { tokens: seen.tokens, estimated: false };
  const known = seen.tokens ?? { ...NO_TOKENS, input: bound.warm };
  const most = Math.max(known.output, tokensWritten(seen.written), blind ? Math.ceil(ms * WRITTEN_PER_MS) : 0);
  return { tokens: { ...known, output: Math.max(known.output, Math.min(most, bound.output)) }, estimated: true };
}

/**
 * The charge for an answer that was under way when the supervisor died. `known`: what had been reported of it. Nobody saw how much
 * more was written, so the output is charged as it was reserved.
 */
export const chargeForLost = (bound: WireBound, known: Tokens | null): Charge => ({
  tokens: { ...(known ?? { ...NO_TOKENS, input: bound.warm }), output: Math.max(known?.output ?? 0, bound.output) },
  estimated: true,
});
