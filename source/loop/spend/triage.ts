/** What the cheap tier saves: triage as it was, against the same triage by the model that does the work. */
import { resolveModel } from '../crew/crew.ts';
import { NO_SPEND, plus } from '../meter.ts';
import { costAt } from '../price.ts';
import type { FleetState, Spend } from '../state.ts';
import { fresh } from '../tokens.ts';
import { triageOf } from '../triage/hits.ts';

export interface WithoutTriage {
  /** What triage cost, USD. */
  readonly usd: number;
  /** What the makers would have cost in its place, USD. */
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
  'candidates not promoted x the mean cost of the runs that were; where none was, the tokens of triage at the price of the loop’s maker (strong tier where it has none): a lower bound';

/**
 * For each loop, what its makers would have cost without triage: each candidate that triage kept from them would have been a run like
 * those that it promoted. Where none was promoted, that is not known: then (input, cache and output tokens of its triage) x (rates of
 * its maker for prompts of usual length), a lower bound twice over, for a maker that fires does not stop where triage stops, and long
 * prompts, which some models charge more for, are not to be seen in sums. From day `since` on; null when there was no triage.
 */
export function withoutTriage(state: FleetState, since: string | null): WithoutTriage | null {
  const spent = triageByLoop(state, since);
  if (spent.size === 0) return null;
  let [usd, withoutUsd, tokens] = [0, 0, 0];
  const leftOut: string[] = [];
  for (const [loop, spend] of spent) {
    tokens += fresh(spend.tokens);
    const without = byCounts(state, loop, since) ?? byTokens(state, loop, spend);
    if (spend.unpriced || without === null) {
      leftOut.push(loop);
      continue;
    }
    usd += spend.usd;
    withoutUsd += without;
  }
  return { usd, withoutUsd, savedUsd: withoutUsd - usd, tokens, leftOut };
}

/** USD of the runs that triage spared; null when none of its hits became a run with a price. */
function byCounts(state: FleetState, loop: string, since: string | null): number | null {
  const days = Object.entries(triageOf(state, loop).days).filter(([day]) => since === null || day >= since);
  const promoted = new Set<string>(days.flatMap(([, day]) => day.promoted));
  const ranked = days.reduce((sum, [, day]) => sum + day.ranked, 0);
  const bills = Object.values(state.spending.days).flatMap(({ runs }) => runs.filter(({ run }) => promoted.has(run)));
  const known = new Set(bills.filter(({ spend }) => spend.usd > 0).map(({ run }) => run));
  if (known.size === 0 || bills.some(({ spend }) => spend.unpriced)) return null;
  const mean = bills.reduce((sum, { spend }) => sum + spend.usd, 0) / known.size;
  return Math.max(0, ranked - promoted.size) * mean;
}

function byTokens(state: FleetState, loop: string, spend: Spend): number | null {
  const model = makerOf(state, loop);
  const price = model !== null && Object.hasOwn(state.prices, model) ? state.prices[model] : null;
  return price == null ? null : costAt(price, spend.tokens);
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
