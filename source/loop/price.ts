/** What a response costs by its tokens. Where a price comes from is the supervisor's business; here it is a fact like any other. */
import type { Tokens } from './tokens.ts';

/** USD per million tokens, a rate for each of the four buckets. */
export interface Rates {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** For what is kept for an hour, where that costs more than the usual few minutes. */
  readonly cacheWrite1h?: number;
  readonly output: number;
}

export interface Price extends Rates {
  /** Rates of every token of a response whose prompt (input and cache together) is longer than `over` tokens. */
  readonly long?: { readonly over: number; readonly rates: Rates };
  /** Whose word it is: our own dated table, the operator's configuration, or the genai-prices package. */
  readonly by: 'table' | 'operator' | 'genai-prices';
  /** The day on which it was read, YYYY-MM-DD; null where nobody knows. */
  readonly asOf: string | null;
  readonly source: string;
}

/** USD of one response. Of several together it would be wrong where their prompts are short and the price has a long rate. */
export function costOf(price: Price, tokens: Tokens): number {
  const prompt = tokens.input + tokens.cacheRead + tokens.cacheWrite;
  return costAt(price.long !== undefined && prompt > price.long.over ? price.long.rates : price, tokens);
}

/** USD at these rates, whatever the length of the prompt. */
export function costAt(rates: Rates, tokens: Tokens): number {
  const hour = tokens.cacheWrite1h ?? 0;
  const micro =
    tokens.input * rates.input +
    tokens.cacheRead * rates.cacheRead +
    (tokens.cacheWrite - hour) * rates.cacheWrite +
    hour * (rates.cacheWrite1h ?? rates.cacheWrite) +
    tokens.output * rates.output;
  return micro / 1_000_000;
}
