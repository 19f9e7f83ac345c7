/** The meter of one run: usage reports in, spend out. A report can repeat or come late; spend never falls. */
import type { AgentEvent } from './agent-event.ts';
import type { Meter, MeterEntry, Provenance, Spend } from './state.ts';
import { add, isZero, max, minus, NO_TOKENS } from './tokens.ts';

type Usage = Extract<AgentEvent, { type: 'usage' }>;

export const NO_SPEND: Spend = { tokens: NO_TOKENS, usd: 0, unpriced: false, estimated: false };

export const emptyMeter: Meter = { live: {}, total: NO_SPEND, perModel: {}, loose: false };

/**
 * Responses with a final bill that are remembered for a late or repeated report: the newest. Engines repeat a response within a few
 * lines; to remember all of them would make the thousandth response of a process cost a thousand times the first.
 */
const FINAL_KEPT = 50;

/** Adds what a report says beyond the last report of the same response. */
export function record(meter: Meter, usage: Usage): Meter {
  const before = meter.live[usage.key];
  const merged: MeterEntry = {
    tokens: before ? max(before.tokens, usage.tokens) : usage.tokens,
    usd: larger(before?.usd ?? null, usage.usd ?? null),
    model: usage.model,
    final: usage.final || (before?.final ?? false),
    estimated: usage.estimated ?? false,
  };
  const grown: Spend = {
    tokens: minus(merged.tokens, before?.tokens ?? NO_TOKENS),
    usd: Math.max(0, (merged.usd ?? 0) - (before?.usd ?? 0)),
    unpriced: merged.usd === null && !isZero(merged.tokens),
    estimated: merged.estimated,
  };
  return {
    live: remembered(meter.live, usage.key, merged),
    total: plus(meter.total, grown),
    perModel: { ...meter.perModel, [usage.model]: plus(meter.perModel[usage.model] ?? NO_SPEND, grown) },
    loose: meter.loose,
  };
}

/** With `entry` as the newest, and without the oldest final ones beyond those that are kept. An open bill is never forgotten. */
function remembered(live: Meter['live'], key: string, entry: MeterEntry): Meter['live'] {
  const others: Record<string, MeterEntry> = { ...live };
  delete others[key];
  const final = Object.keys(others).filter((each) => others[each]?.final);
  for (const old of final.slice(0, Math.max(0, final.length + 1 - FINAL_KEPT))) delete others[old];
  return { ...others, [key]: entry };
}

/** The agent process is dead: its responses are history and their keys may come again from the next process. */
export function settle(meter: Meter): Meter {
  const open = Object.values(meter.live).some((entry) => !entry.final);
  return { ...meter, live: {}, loose: meter.loose || open };
}

export const plus = (a: Spend, b: Spend): Spend => ({
  tokens: add(a.tokens, b.tokens),
  usd: a.usd + b.usd,
  unpriced: a.unpriced || b.unpriced,
  estimated: a.estimated || b.estimated,
});

/** How far the total can be trusted: `exact` only when every response's bill was final. */
export function provenance(meter: Meter): Provenance {
  if (meter.total.estimated) return 'estimated';
  if (isZero(meter.total.tokens)) return 'unknown';
  if (meter.loose || Object.values(meter.live).some((entry) => !entry.final)) return 'live';
  return 'exact';
}

function larger(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}
