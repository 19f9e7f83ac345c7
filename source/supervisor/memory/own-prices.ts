/** The `prices` of the operator's configuration: what a model costs by contract, or on a machine of one's own. */
import * as z from 'zod';
import type { Price, Rates } from '../../loop/price.ts';

/** Dearer than any list price by a factor of a hundred: a price per token or in cents was meant. */
const MOST = 10_000;

const rate = z.number(`expected USD per million tokens, 0 to ${MOST}`).min(0).max(MOST);
const rates = {
  input: rate,
  output: rate,
  cacheRead: rate.optional(),
  cacheWrite: rate.optional(),
  cacheWrite1h: rate.optional(),
};

/** Keyed by model id, USD per million tokens. What is left out of the cache costs what `input` does. */
export const prices = z
  .record(
    z.string().min(1).max(200),
    z.strictObject({ ...rates, long: z.strictObject({ over: z.int().min(1), ...rates }).optional() }),
  )
  .prefault({});

type Written = z.output<typeof prices>[string];

export const pricesFrom = (written: z.output<typeof prices>): Readonly<Record<string, Price>> =>
  Object.fromEntries(Object.entries(written).map(([model, each]) => [model, priceFrom(each)]));

function priceFrom({ long, ...base }: Written): Price {
  const price: Price = { ...ratesFrom(base), by: 'operator', asOf: null, source: 'prices of the configuration' };
  if (long === undefined) return price;
  const { over, ...dearer } = long;
  return { ...price, long: { over, rates: ratesFrom(dearer) } };
}

const ratesFrom = ({ input, output, cacheRead, cacheWrite, cacheWrite1h }: Omit<Written, 'long'>): Rates => ({
  input,
  cacheRead: cacheRead ?? input,
  cacheWrite: cacheWrite ?? input,
  ...(cacheWrite1h === undefined ? {} : { cacheWrite1h }),
  output,
});
