/** The meter of one run: usage reports in, spend out. A report can repeat or come late; spend never falls. */
import type { AgentEvent } from './agent-event.ts';
import type { Meter, MeterEntry, Provenance, Spend } from './state.ts';
import { add, isZero, max, minus, NO_TOKENS } from './tokens.ts';

type Usage = Extract<AgentEvent, { type: 'usage' }>;

export const NO_SPEND: Spend = { tokens: NO_TOKENS, usd: 0, unpriced: false, estimated: false };

export const emptyMeter: Meter = { live: {}, total: NO_SPEND, perModel: {}, loose: false, hidden: [] };

/**
 * Responses with a final bill of which at least this many, the newest, are remembered for a late or repeated report. Engines repeat a
 * response within a few lines; with all of them remembered, folding the 5,000th response took seventy times as long as the first.
 */
const FINAL_KEPT = 50;
/** Kinds of hidden spending that are remembered: an engine has two or three. */
const HIDDEN_KEPT = 8;

/** Adds what a report says beyond the last report of the same response. */
export function record(meter: Meter, usage: Usage): Meter {
  const before = own(meter.live, usage.key);
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
    perModel: { ...meter.perModel, [usage.model]: plus(own(meter.perModel, usage.model) ?? NO_SPEND, grown) },
    loose: meter.loose,
    hidden: meter.hidden,
  };
}

/** Keys and models are the agent's words: one named `constructor` must not find what every object has. */
const own = <Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** With `entry`. At twice the number to be kept the oldest final ones go; an open bill never does, and its age counts from its last. */
function remembered(live: Meter['live'], key: string, entry: MeterEntry): Meter['live'] {
  const closes = entry.final && own(live, key)?.final === false;
  const next = { ...(closes ? without(live, new Set([key])) : live), [key]: entry };
  const keys = Object.keys(next);
  if (keys.length <= 2 * FINAL_KEPT) return next;
  const final = keys.filter((each) => next[each]?.final);
  return without(next, new Set(final.slice(0, Math.max(0, final.length - FINAL_KEPT))));
}

const without = (live: Meter['live'], gone: ReadonlySet<string>): Meter['live'] =>
  Object.fromEntries(Object.entries(live).filter(([key]) => !gone.has(key)));

/** The CLI spent something that it does not report. */
export const hide = (meter: Meter, what: string): Meter =>
  meter.hidden.includes(what) ? meter : { ...meter, hidden: [...meter.hidden, what].slice(0, HIDDEN_KEPT) };

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
  if (isZero(meter.total.tokens) || meter.hidden.length > 0) return 'unknown';
  if (meter.total.estimated) return 'estimated';
  if (meter.loose || Object.values(meter.live).some((entry) => !entry.final)) return 'live';
  return 'exact';
}

function larger(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}
