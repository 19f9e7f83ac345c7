/** Tells the ledger what models cost, so that panes and verbs, which have no price table, can show prices and whose word they are. */

import { DEFAULT_TIERS } from '../../agents/engines.ts';
import type { Pricer } from '../../agents/prices.ts';
import { resolveModel } from '../../loop/crew/crew.ts';
import type { EngineName } from '../../loop/definition/definition.ts';
import type { Event } from '../../loop/event.ts';
import type { Price } from '../../loop/price.ts';
import type { FleetState } from '../../loop/state.ts';
import type { Ledger } from '../ledger.ts';

/** One event with the prices, as of `now` (ms since 1970), of every model that a loop names, where they are not known already. */
export async function readPrices(state: FleetState, pricer: Pricer, now: number): Promise<Event[]> {
  const prices: Record<string, Price | null> = {};
  for (const model of modelsNamed(state)) {
    const price = await pricer.priceOf(model, now);
    if (!isKnown(state, model, price)) prices[model] = price;
  }
  return Object.keys(prices).length === 0 ? [] : [{ type: 'prices-read', prices }];
}

/** Tells of a price that was charged, unless the ledger has it. */
export async function tellPrice(ledger: Ledger, model: string, price: Price | null): Promise<void> {
  if (!isKnown(ledger.state, model, price)) await ledger.record({ type: 'prices-read', prices: { [model]: price } });
}

const isKnown = ({ prices }: FleetState, model: string, price: Price | null): boolean =>
  Object.hasOwn(prices, model) && JSON.stringify(prices[model]) === JSON.stringify(price);

/** Every role of every loop, the ladders, and the tiers of the engines they run on: what the next rung costs is asked before it is climbed. */
function modelsNamed({ loops, settings }: FleetState): Set<string> {
  const definitions = Object.values(loops).flatMap(({ definition }) => (definition === null ? [] : [definition]));
  const agents = definitions.flatMap(({ maker, triage, checker, reflector, escalate }) => [
    maker,
    ...(triage === null ? [] : [triage]),
    ...(checker === null ? [] : [checker.agent]),
    ...(reflector === null ? [] : [reflector]),
    ...escalate.flatMap((rung) => rung.maker ?? []),
  ]);
  const engines = new Set<EngineName>(agents.map(({ engine }) => engine));
  const tiers = [...engines].flatMap((engine) => Object.values(settings.tiers[engine] ?? DEFAULT_TIERS[engine]));
  // A shell command's model is its own business: it is not metered by it.
  const priced = agents.filter(({ engine }) => engine !== 'shell' && engine !== 'acp');
  const models = [...priced.map((agent) => resolveModel(agent, settings)), ...tiers];
  return new Set(models.filter((model) => !isTierName(model)));
}

const isTierName = (model: string): boolean => ['cheap', 'standard', 'strong'].includes(model);
