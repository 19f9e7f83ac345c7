/** What the cheap tier saves: triage as it was, against the same triage by the model that does the work. */
import { resolveModel } from '../crew/crew.ts';
import { NO_SPEND, plus } from '../meter.ts';
import { costAt } from '../price.ts';
import type { FleetState, Spend } from '../state.ts';
import { fresh } from '../tokens.ts';

export interface WithoutTriage {
  /** What triage cost, USD. */
  readonly usd: number;
  /** What its tokens would have cost at the makers' prices, USD. */
  readonly withoutUsd: number;
  /** The difference; below zero where the makers are the cheaper ones. */
  readonly savedUsd: number;
  /** Fresh tokens of triage. */
  readonly tokens: number;
  /** Loops whose triage is not in the sums, because it or their maker has no price. */
  readonly leftOut: readonly string[];
}

/** How it is reckoned, in one line for people. */
export const TRIAGE_FORMULA =
  'the tokens of triage, of dismissed firings too, at the price of the loop’s maker (strong tier where it has none): a lower bound';

/**
 * For each loop: (input, cache and output tokens of its triage) x (rates of its maker for prompts of usual length), summed.
 * That is a lower bound of the saving twice over: a maker that fires does not stop where triage stops, and long prompts,
 * which some models charge more for, are not to be seen in sums. From day `since` on; null when there was no triage.
 */
export function withoutTriage(state: FleetState, since: string | null): WithoutTriage | null {
  const spent = triageByLoop(state, since);
  if (spent.size === 0) return null;
  let [usd, withoutUsd, tokens] = [0, 0, 0];
  const leftOut: string[] = [];
  for (const [loop, spend] of spent) {
    tokens += fresh(spend.tokens);
    const model = makerOf(state, loop);
    const price = model !== null && Object.hasOwn(state.prices, model) ? state.prices[model] : null;
    if (spend.unpriced || price === null || price === undefined) {
      leftOut.push(loop);
      continue;
    }
    usd += spend.usd;
    withoutUsd += costAt(price, spend.tokens);
  }
  return { usd, withoutUsd, savedUsd: withoutUsd - usd, tokens, leftOut };
}

function triageByLoop({ spending }: FleetState, since: string | null): Map<string, Spend> {
  const sums = new Map<string, Spend>();
  for (const [day, { cells }] of Object.entries(spending.days)) {
    if (since !== null && day < since) continue;
    for (const { loop, role, spend } of cells)
      if (role === 'triage') sums.set(loop, plus(sums.get(loop) ?? NO_SPEND, spend));
  }
  return sums;
}

/** The maker that the loop names, the strong tier where it only triages; for a loop that is gone, the one on which it spent most. */
function makerOf(state: FleetState, loop: string): string | null {
  const definition = state.loops[loop]?.definition;
  if (definition) {
    const { maker, leads } = definition;
    return resolveModel(leads === 'triage' ? { ...maker, model: 'strong' } : maker, state.settings);
  }
  const makers = Object.values(state.spending.days)
    .flatMap(({ cells }) => cells)
    .filter((cell) => cell.loop === loop && cell.role === 'maker')
    .sort((a, b) => b.spend.usd - a.spend.usd);
  return makers[0]?.model ?? null;
}
