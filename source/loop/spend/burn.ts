/** How fast money goes at present, and when a cap is reached if it goes on like that. */
import type { Cap } from '../budget.ts';
import type { FleetState, RunState } from '../state.ts';
import { fresh } from '../tokens.ts';
import { MINUTE_MS } from './book.ts';

/** Per minute. */
export interface Rate {
  /** Fresh tokens. */
  readonly tokens: number;
  /** Of what has a price. */
  readonly usd: number;
}

export interface Burn {
  /** Over the last 5 minutes. */
  readonly five: Rate;
  /** Over the last 60. */
  readonly sixty: Rate;
}

export interface Forecast {
  readonly cap: Extract<Cap, 'tokens' | 'usd' | 'day-tokens' | 'day-usd'>;
  /** When it is reached, ms since 1970; `now` when it is reached already. */
  readonly at: number;
  /** Until then. */
  readonly inMs: number;
}

/** Of the fleet, or of one loop or run of it. All zero when nothing was spent. */
export function burnRate(
  state: FleetState,
  now: number,
  of: { readonly loop?: string; readonly run?: string } = {},
): Burn {
  return { five: rateOver(state, now, 5, of), sixty: rateOver(state, now, 60, of) };
}

/** When the fleet's day reaches its first cap at the rate of the last 5 minutes; null when nothing was spent in them. */
export function forecast(state: FleetState, now: number): Forecast | null {
  const today = state.days[state.today];
  const { daily } = state.settings;
  const { five } = burnRate(state, now);
  return first(now, [
    { cap: 'day-usd', left: daily.usd - (today?.usd ?? 0), rate: five.usd },
    { cap: 'day-tokens', left: daily.tokens - (today === undefined ? 0 : fresh(today.tokens)), rate: five.tokens },
  ]);
}

/** The same for one run and its own budget. */
export function forecastRun(state: FleetState, run: RunState, now: number): Forecast | null {
  const { total } = run.meter;
  const { five } = burnRate(state, now, { run: run.id });
  return first(now, [
    { cap: 'usd', left: run.budget.usd - total.usd, rate: five.usd },
    { cap: 'tokens', left: run.budget.tokens - fresh(total.tokens), rate: five.tokens },
  ]);
}

/**
 * The begun minute and as many before it as make up `minutes`. A fleet that has only just begun is measured by the time since,
 * a minute at least: a first response of 10k tokens is no 2k a minute.
 */
function rateOver(state: FleetState, now: number, minutes: number, of: { loop?: string; run?: string }): Rate {
  const from = (Math.floor(now / MINUTE_MS) - minutes + 1) * MINUTE_MS;
  const all = state.spending.minutes;
  const begun = all.some(({ at }) => at < from) ? from : Math.max(from, Math.min(...all.map(({ at }) => at)));
  const long = Math.max(1, (now - begun) / MINUTE_MS);
  let tokens = 0;
  let usd = 0;
  for (const minute of all) {
    if (minute.at < from || minute.at > now) continue;
    for (const row of minute.runs) {
      if (of.loop !== undefined && row.loop !== of.loop) continue;
      if (of.run !== undefined && row.run !== of.run) continue;
      tokens += row.fresh;
      usd += row.usd;
    }
  }
  return { tokens: tokens / long, usd: usd / long };
}

function first(
  now: number,
  caps: readonly { readonly cap: Forecast['cap']; readonly left: number; readonly rate: number }[],
): Forecast | null {
  let soonest: Forecast | null = null;
  for (const { cap, left, rate } of caps) {
    if (rate <= 0) continue;
    const inMs = (Math.max(0, left) / rate) * MINUTE_MS;
    if (soonest === null || inMs < soonest.inMs) soonest = { cap, at: now + inMs, inMs };
  }
  return soonest;
}
