/** The meter of one run: usage reports in, spend out. A report can repeat or come late; spend never falls. */
import type { AgentEvent } from './agent-event.ts';
import type { Meter, MeterEntry, Provenance, Spend } from './state.ts';
import { add, isZero, max, minus, NO_TOKENS, type Tokens } from './tokens.ts';

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

/** Adds what a report says beyond the last report of the same response; an exact one takes the place of an estimate. */
export function record(meter: Meter, usage: Usage): Meter {
  const before = own(meter.live, usage.key);
  // A response is of one model, whatever its later reports say; only an estimate stands for one that is not known yet.
  const model = before === undefined || (before.estimated && usage.estimated !== true) ? usage.model : before.model;
  const merged: MeterEntry = {
    tokens: before ? max(before.tokens, usage.tokens) : usage.tokens,
    usd: usdOf(before, usage),
    model,
    final: usage.final || (before?.final ?? false),
    estimated: isEstimated(before, usage),
  };
  const grown = beyond(merged, before);
  // An estimate stands under the model that was asked for; the bill may be of the one that answered.
  const moved = before?.estimated === true && before.model !== model ? before : null;
  const rest = moved === null ? meter.perModel : taken(meter.perModel, moved);
  const gained = moved === null ? grown : beyond(merged, undefined);
  const perModel = { ...rest, [model]: plus(own(rest, model) ?? NO_SPEND, gained) };
  const total = plus(meter.total, grown);
  return {
    live: remembered(meter.live, usage.key, merged),
    total: moved === null ? total : { ...total, unpriced: Object.values(perModel).some(({ unpriced }) => unpriced) },
    perModel,
    loose: meter.loose,
    hidden: meter.hidden,
  };
}

/** What one report of a response adds to the one before it. */
function beyond(entry: MeterEntry, before: MeterEntry | undefined): Spend {
  return {
    tokens: minus(entry.tokens, before?.tokens ?? NO_TOKENS),
    usd: Math.max(0, (entry.usd ?? 0) - (before?.usd ?? 0)),
    unpriced: entry.usd === null && !isZero(entry.tokens),
    // Not before its process is dead: until then an exact report may take its place.
    estimated: false,
  };
}

/** What nothing but an estimate says. Spend cannot fall, so where the exact report is the lower one the estimate stands, and says so. */
function isEstimated(before: MeterEntry | undefined, usage: Usage): boolean {
  const guess = usage.estimated ?? false;
  if (before === undefined) return guess;
  // What it says of a bill that is open is still a guess at the rest, however low.
  if (guess) return before.estimated || !before.final || !covers(before.tokens, usage.tokens);
  return before.estimated && !(covers(usage.tokens, before.tokens) && (usage.usd ?? 0) >= (before.usd ?? 0));
}

const covers = (a: Tokens, b: Tokens): boolean => isZero(minus(b, a));

function usdOf(before: MeterEntry | undefined, { usd = null, estimated = false }: Usage): number | null {
  // The price of an estimate was that of another model: it must not make priced what is not.
  if (before?.estimated === true && !estimated && usd === null) return null;
  return larger(before?.usd ?? null, usd);
}

/** Without what an estimate had put under its model. */
function taken(perModel: Meter['perModel'], { model, tokens, usd }: MeterEntry): Meter['perModel'] {
  const spend = own(perModel, model) ?? NO_SPEND;
  const left = { ...spend, tokens: minus(spend.tokens, tokens), usd: Math.max(0, spend.usd - (usd ?? 0)) };
  if (!isZero(left.tokens)) return { ...perModel, [model]: left };
  return Object.fromEntries(Object.entries(perModel).filter(([name]) => name !== model));
}

/** Keys and models are the agent's words: one named `constructor` must not find what every object has. */
const own = <Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** With `entry`. At twice the number to be kept the oldest final ones go; an open bill or an estimate never does, and its age counts from its last. */
function remembered(live: Meter['live'], key: string, entry: MeterEntry): Meter['live'] {
  const closes = entry.final && own(live, key)?.final === false;
  const next = { ...(closes ? without(live, new Set([key])) : live), [key]: entry };
  const keys = Object.keys(next);
  if (keys.length <= 2 * FINAL_KEPT) return next;
  const final = keys.filter((each) => next[each]?.final && !next[each].estimated);
  return without(next, new Set(final.slice(0, Math.max(0, final.length - FINAL_KEPT))));
}

const without = (live: Meter['live'], gone: ReadonlySet<string>): Meter['live'] =>
  Object.fromEntries(Object.entries(live).filter(([key]) => !gone.has(key)));

/** The CLI spent something that it does not report. */
export const hide = (meter: Meter, what: string): Meter =>
  meter.hidden.includes(what) ? meter : { ...meter, hidden: [...meter.hidden, what].slice(0, HIDDEN_KEPT) };

/**
 * The agent process is dead: its responses are history and their keys may come again from the next process. Those that are `awaited` stay:
 * the bills of the wire have keys that never come again, and come also when the agent is dead.
 */
export function settle(meter: Meter, awaited: (key: string) => boolean = () => false): Meter {
  const settling = Object.entries(meter.live).filter(([key]) => !awaited(key));
  const entries = settling.map(([, entry]) => entry);
  const open = entries.some((entry) => !entry.final);
  const guessed = entries.filter((entry) => entry.estimated);
  const live = without(meter.live, new Set(settling.map(([key]) => key)));
  const settled = { ...meter, live, loose: meter.loose || open };
  if (guessed.length === 0) return settled;
  const marked = guessed.map(({ model }) => [model, { ...(own(meter.perModel, model) ?? NO_SPEND), estimated: true }]);
  const perModel = { ...meter.perModel, ...Object.fromEntries(marked) };
  return { ...settled, total: { ...meter.total, estimated: true }, perModel };
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
  const live = Object.values(meter.live);
  if (meter.total.estimated || live.some((entry) => entry.estimated)) return 'estimated';
  if (meter.loose || live.some((entry) => !entry.final)) return 'live';
  return 'exact';
}

function larger(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}
