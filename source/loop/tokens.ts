/** The four disjoint token buckets of the meter, and the arithmetic on them. */

export interface Tokens {
  /** Prompt tokens billed in full: neither read from nor written to a cache. */
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** The part of `cacheWrite` that is kept for an hour and costs more; absent where there is none or the engine does not say. */
  readonly cacheWrite1h?: number;
  /** Everything the model wrote, reasoning included. */
  readonly output: number;
  /** The part of `output` that was reasoning; 0 where the engine does not say. */
  readonly reasoning: number;
}

export const NO_TOKENS: Tokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

/** input + cacheWrite + output: what token budgets cap (cache reads are cheap and would drown the rest). */
export const fresh = (tokens: Tokens): number => tokens.input + tokens.cacheWrite + tokens.output;

export const add = (a: Tokens, b: Tokens): Tokens => combine(a, b, (x, y) => x + y);

/** The larger of each bucket: how two reports of the same response are merged, so that spend can only rise. */
export const max = (a: Tokens, b: Tokens): Tokens => combine(a, b, Math.max);

/** a - b, no bucket below zero. */
export const minus = (a: Tokens, b: Tokens): Tokens => combine(a, b, (x, y) => Math.max(0, x - y));

export const isZero = (tokens: Tokens): boolean => fresh(tokens) + tokens.cacheRead + tokens.reasoning === 0;

function combine(a: Tokens, b: Tokens, merge: (x: number, y: number) => number): Tokens {
  const hour = merge(a.cacheWrite1h ?? 0, b.cacheWrite1h ?? 0);
  return {
    input: merge(a.input, b.input),
    cacheRead: merge(a.cacheRead, b.cacheRead),
    cacheWrite: merge(a.cacheWrite, b.cacheWrite),
    ...(hour > 0 ? { cacheWrite1h: hour } : {}),
    output: merge(a.output, b.output),
    reasoning: merge(a.reasoning, b.reasoning),
  };
}
