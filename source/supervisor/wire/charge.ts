/** What an answer cost: as reported where the report is whole, else what is known and the rest as it was reserved. */
import type { WireBound } from '../../loop/state.ts';
import { NO_TOKENS, type Tokens } from '../../loop/tokens.ts';
import type { Seen } from './dialect.ts';
import { tokensWritten } from './weigh.ts';

export interface Charge {
  readonly tokens: Tokens;
  readonly estimated: boolean;
}

/** No model of the known providers writes faster: the fastest small ones reach 0.4 tokens a millisecond, the large ones 0.1. */
const WRITTEN_PER_MS = 0.5;

/**
 * The charge for an answer that was begun. Of one that was cut, providers bill the input and what was written until then. `blind`: it may have
 * written what was not seen; `ms` is how long it had for that.
 */
export function chargeFor(seen: Seen, bound: WireBound, blind: boolean, ms: number): Charge {
  if (seen.final && seen.tokens !== null) return { tokens: seen.tokens, estimated: false };
  const unseen = blind ? ms * WRITTEN_PER_MS : 0;
  return estimate(seen.tokens, bound, Math.max(tokensWritten(seen.written), unseen));
}

/** No model's text has more bytes to a token over a whole answer: English has 3 to 4.5, and runs of blanks a little more. */
const BYTES_PER_TOKEN = 8;

/** More has come than was reserved for its output: whatever it is, it is not read to its end for a bill. */
export const outgrows = ({ tokens, written }: Seen, bound: WireBound): boolean =>
  (tokens?.output ?? 0) > bound.output || written > bound.output * BYTES_PER_TOKEN;

/**
 * The charge for an answer that was under way when the supervisor died, and with it the way to its agent. `known`: what had
 * been reported of it. `ms`: how long it can have been written at most.
 */
export const chargeForLost = (known: Tokens | null, bound: WireBound, ms: number): Charge =>
  estimate(known, bound, ms * WRITTEN_PER_MS);

/** What is not known is charged as it was reserved. */
function estimate(known: Tokens | null, bound: WireBound, written: number): Charge {
  const tokens = known ?? { ...NO_TOKENS, input: bound.warm };
  const output = Math.max(tokens.output, Math.min(Math.ceil(written), bound.output));
  return { tokens: { ...tokens, output }, estimated: true };
}
