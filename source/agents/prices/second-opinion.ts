/** Prices of models that our table does not have, from the genai-prices package. It matches by likeness; here only the very same id counts. */
import type { ModelPrice } from '@pydantic/genai-prices';
import type { Price, Rates } from '../../loop/price.ts';
import { splitProvider, undated } from './names.ts';

const SOURCE = 'genai-prices 0.1.8';
/** The day of that release: it dates no row of its own. */
const AS_OF = '2026-09-23';
/** How engines call a provider that the package calls something else. */
const PROVIDERS: Readonly<Record<string, string>> = { xai: 'x-ai' };

/**
 * Its price at `now`, or null when the package does not know exactly this model.
 * Loads the package at the first call: 2 MB, 60 ms.
 */
export async function secondOpinion(model: string, now: Date): Promise<Price | null> {
  const { calcPrice, findProvider } = await import('@pydantic/genai-prices');
  const { provider, name } = splitProvider(model);
  const providerId = provider === null ? null : (PROVIDERS[provider] ?? provider);
  // It finds a provider by a part of its name as well: `my-openai-proxy` would cost what OpenAI does.
  if (providerId !== null && findProvider({ providerId })?.id !== providerId) return null;
  // Nothing is asked to be priced: it throws where cache reads exceed the input, and only the row is of interest.
  const found = calcPrice({ input_tokens: 0 }, name, {
    timestamp: now,
    ...(providerId === null ? {} : { providerId }),
  });
  // `claude-sonnet-5-5` matches its `claude-sonnet-5`: read twice too dear.
  if (found === null || ![name, undated(name)].some((id) => same(id, found.model.id))) return null;
  return priceFrom(found.model_price);
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** What of a listed price concerns the tokens of an agent; it also knows of audio, searches and pictures. */
const KEYS = ['input_mtok', 'cache_read_mtok', 'cache_write_mtok', 'cache_write_1h_mtok', 'output_mtok'] as const;

/** Null when it has no plain price for input and output, or more steps than a price of ours can say. */
export function priceFrom(listed: ModelPrice): Price | null {
  const starts = new Set(
    KEYS.flatMap((key) => {
      const rate = listed[key];
      return typeof rate === 'object' ? rate.tiers.map(({ start }) => start) : [];
    }),
  );
  if (starts.size > 1) return null;
  const base = ratesAt(listed, 0);
  if (base === null) return null;
  const price: Price = { ...base, by: 'genai-prices', asOf: AS_OF, source: SOURCE };
  const [over] = starts;
  const rates = over === undefined ? null : ratesAt(listed, over + 1);
  return over === undefined || rates === null ? price : { ...price, long: { over, rates } };
}

/** What a cache costs is said only where it differs from the input. */
function ratesAt(listed: ModelPrice, prompt: number): Rates | null {
  const at = (key: (typeof KEYS)[number]): number | null => {
    const rate = listed[key];
    if (rate === undefined) return null;
    if (typeof rate === 'number') return rate;
    return rate.tiers.findLast(({ start }) => prompt > start)?.price ?? rate.base;
  };
  const input = at('input_mtok');
  const output = at('output_mtok');
  if (input === null || output === null) return null;
  const hour = at('cache_write_1h_mtok');
  return {
    input,
    cacheRead: at('cache_read_mtok') ?? input,
    cacheWrite: at('cache_write_mtok') ?? input,
    ...(hour === null ? {} : { cacheWrite1h: hour }),
    output,
  };
}
