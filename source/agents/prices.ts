/**
 * What a model's tokens cost: the operator's word before our table, our table before the genai-prices package. A model that
 * none of them has is unpriced: never free, never a guess.
 */
import { costOf, type Price } from '../loop/price.ts';
import type { Tokens } from '../loop/tokens.ts';
import { namesOf, undated, unmarked } from './prices/names.ts';
import { secondOpinion } from './prices/second-opinion.ts';
import { ALIASES, PRICES } from './prices/table.ts';

export { ALIASES, PRICES };

type Rows = Readonly<Record<string, Price>>;

export interface Pricer {
  /** The price by which the model is charged at `now` (ms since 1970); null when it is unpriced. */
  priceOf(model: string, now: number): Promise<Price | null>;
  /** The operator's or our row, at once; null when neither has the model. */
  row(model: string): Price | null;
}

/** `own` are the operator's rows. */
export const createPricer = (own: Rows = {}): Pricer => ({
  row: (model) => priceRow(model, own),
  priceOf: async (model, now) => priceRow(model, own) ?? (await secondOpinion(model, new Date(now))),
});

/** The id that a model's alias stands for; what is no alias is an id already. */
export const modelId = (model: string): string => {
  const [bare = model] = namesOf(model).slice(1);
  return of(ALIASES, model) ?? of(ALIASES, bare) ?? unmarked(model);
};

/** Whether two ids name the same model: with or without a date and a context mark. */
export const sameModel = (a: string, b: string): boolean => undated(a) === undated(b);

/** The operator's or our row for a model id, an alias, a dated id or one with a context mark (`…[1m]`); null when there is none. */
export function priceRow(model: string, own: Rows = {}): Price | null {
  const names = namesOf(model).flatMap((name) => [name, of(ALIASES, name) ?? name]);
  for (const rows of [own, PRICES]) {
    for (const name of names) {
      const price = of(rows, name);
      if (price !== undefined) return price;
    }
  }
  return null;
}

/** USD of one response by the operator's or our rows alone; null when neither has the model. */
export function priceOf(model: string, tokens: Tokens, own: Rows = {}): number | null {
  const price = priceRow(model, own);
  return price === null ? null : costOf(price, tokens);
}

/** Models are named by agents: one called `constructor` must not find what every object has. */
const of = <Value>(rows: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(rows, name) ? rows[name] : undefined;
