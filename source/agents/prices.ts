/**
 * List prices, USD per million tokens: what a response costs where the engine reports tokens. A model that is not here
 * is unpriced, never free. Each row says when and where it was read; an operator's own rows go before these.
 */
import type { Tokens } from '../loop/tokens.ts';

export interface Price {
  readonly input: number;
  readonly cacheWrite: number;
  readonly cacheRead: number;
  readonly output: number;
  /** Prices of every token of a response whose prompt is longer than this many tokens. */
  readonly long?: { readonly over: number; readonly price: Price };
  /** Day the row was read, YYYY-MM-DD. */
  readonly asOf: string;
  readonly source: string;
}

const row = (
  [input, cacheWrite, cacheRead, output]: readonly [number, number, number, number],
  asOf: string,
  source: string,
): Price => ({ input, cacheWrite, cacheRead, output, asOf, source });

/** costUSD of claude-code's own result lines, read off by billing one kind of token at a time. */
const CLI = 'claude-code 2.1.330, costUSD';
const DOCS = 'platform.claude.com, pricing';

// Cache writes are those of the 5 minute cache; the stream's totals do not tell them from those of the 1 hour cache (2x input).
const HAIKU = row([0.1, 0.125, 0.01, 0.5], '2026-11-23', CLI);
const SONNET = row([2, 2.5, 0.1, 10], '2026-11-23', CLI);
const OPUS = row([4, 5, 0.2, 20], '2026-11-23', CLI);

export const PRICES: Readonly<Record<string, Price>> = {
  'claude-haiku-5-5': {
    ...HAIKU,
    long: { over: 100_000, price: row([0.5, 0.625, 0.05, 2.5], '2026-10-24', 'platform.claude.com, models overview') },
  },
  'claude-sonnet-5-5': SONNET,
  'claude-opus-5-5': OPUS,
  'claude-fable-5-2': row([8, 10, 0.2, 40], '2026-11-23', CLI),
  'claude-fable-5-1': row([10, 12.5, 0.25, 50], '2026-09-23', 'genai-prices 0.1.8'),
  'claude-opus-5': row([5, 6.25, 0.5, 25], '2026-11-23', DOCS),
  'claude-opus-4-8': row([5, 6.25, 0.5, 25], '2026-11-23', DOCS),
  'claude-opus-4-5': row([5, 6.25, 0.5, 25], '2026-11-23', CLI),
  'claude-sonnet-4-5': row([3, 3.75, 0.3, 15], '2026-11-23', CLI),
  'claude-haiku-4-5': row([1, 1.25, 0.1, 5], '2026-11-23', DOCS),
  // The scripted engine's models cost what the tiers of a real engine do, so that a demo's budget means something.
  'scripted-cheap': { ...HAIKU, source: 'as claude-haiku-5-5' },
  'scripted-standard': { ...SONNET, source: 'as claude-sonnet-5-5' },
  'scripted-strong': { ...OPUS, source: 'as claude-opus-5-5' },
};

/** What claude-code 2.1.330 makes of its aliases. */
const ALIASES: Readonly<Record<string, string>> = {
  haiku: 'claude-haiku-5-5',
  sonnet: 'claude-sonnet-5-5',
  opus: 'claude-opus-5-5',
  fable: 'claude-fable-5-2',
};

/** The id that a model's alias stands for; what is no alias is an id already. */
export const modelId = (model: string): string => {
  const bare = unmarked(model);
  return ALIASES[bare] ?? bare;
};

/** Whether two ids name the same model: with or without a date and a context mark. */
export const sameModel = (a: string, b: string): boolean => undated(unmarked(a)) === undated(unmarked(b));

const unmarked = (model: string): string => model.replace(/\[[^\]]*\]$/, '');
const undated = (model: string): string => model.replace(/-\d{8}$/, '');

/** The row for a model id, an alias, a dated id (`…-20250929`) or one with a context mark (`…[1m]`); null when there is none. */
export function priceRow(model: string, own: Readonly<Record<string, Price>> = {}): Price | null {
  const bare = unmarked(model);
  const names = [model, bare, undated(bare)].flatMap((name) => [name, ALIASES[name] ?? name]);
  for (const table of [own, PRICES]) {
    for (const name of names) {
      const price = Object.hasOwn(table, name) ? table[name] : undefined;
      if (price !== undefined) return price;
    }
  }
  return null;
}

/** USD of one response; null when the model has no known price. `own` are the operator's rows. */
export function priceOf(model: string, tokens: Tokens, own: Readonly<Record<string, Price>> = {}): number | null {
  const found = priceRow(model, own);
  if (found === null) return null;
  const prompt = tokens.input + tokens.cacheRead + tokens.cacheWrite;
  const price = found.long !== undefined && prompt > found.long.over ? found.long.price : found;
  const micro =
    tokens.input * price.input +
    tokens.cacheRead * price.cacheRead +
    tokens.cacheWrite * price.cacheWrite +
    tokens.output * price.output;
  return micro / 1_000_000;
}
