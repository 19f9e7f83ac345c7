/** Spend in words, for the pane and the command line alike. Short enough for a line of 80 columns. */
import type { FleetState, Spend } from '../state.ts';
import { formatDuration, formatTokens, formatUsd } from '../units.ts';
import type { Forecast, Rate } from './burn.ts';
import type { WithoutTriage } from './triage.ts';

/** `$1.84`; `unpriced` where nothing of it has a price, `≥ $1.84` where only some of it has. */
export const usdWords = ({ usd, unpriced }: Pick<Spend, 'usd' | 'unpriced'>): string =>
  !unpriced ? formatUsd(usd) : usd > 0 ? `≥ ${formatUsd(usd)}` : 'unpriced';

/** `$0.19/min (30k tokens)`. */
export const rateWords = ({ tokens, usd }: Rate): string =>
  tokens === 0 && usd === 0 ? 'nothing' : `${formatUsd(usd)}/min (${formatTokens(tokens)} tokens)`;

/** When the day's first cap is reached, at `now` (ms since 1970) and in this process's time zone; empty while nothing is spent. */
export function forecastWords({ settings }: FleetState, reached: Forecast | null, now: number, short = false): string {
  if (reached === null) return '';
  const { daily } = settings;
  const what = reached.cap === 'day-usd' ? formatUsd(daily.usd) : `${formatTokens(daily.tokens)} tokens`;
  if (reached.inMs <= 0) return short ? `${what} used up` : `the day’s ${what} are used up`;
  const at = new Date(reached.at);
  const begin = short ? what : `at this rate the day’s ${what}`;
  if (at.toDateString() !== new Date(now).toDateString()) return `${begin} last until midnight`;
  return `${begin}${short ? ' until' : ' are used up at'} ${clock(at)}, in ${formatDuration(reached.inMs)}`;
}

/** What the cheap tier saves; `TRIAGE_FORMULA` says how that is reckoned. */
export function triageWords({ usd, withoutUsd, savedUsd, leftOut }: WithoutTriage): string {
  const difference = `${formatUsd(Math.abs(savedUsd))} ${savedUsd < 0 ? 'lost' : 'saved'}`;
  const left = leftOut.length === 0 ? '' : `; without ${leftOut.join(', ')}: unpriced`;
  return `${formatUsd(usd)}; by the makers it would have been ${formatUsd(withoutUsd)}: ${difference}${left}`;
}

/** `14:03`, local time. */
export const clock = (at: Date): string =>
  `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;

/** The calendar day `YYYY-MM-DD` in this process's time zone, `back` days before `now` (ms since 1970). */
export function dayBefore(now: number, back: number): string {
  const { y, m, d } = parts(new Date(now));
  const day = parts(new Date(y, m, d - back));
  return `${day.y}-${String(day.m + 1).padStart(2, '0')}-${String(day.d).padStart(2, '0')}`;
}

const parts = (date: Date) => ({ y: date.getFullYear(), m: date.getMonth(), d: date.getDate() });

/** All calendar days from one to the other, `YYYY-MM-DD`. */
export function daysBetween(since: string, until: string): string[] {
  const days: string[] = [];
  // Counted at noon UTC, where a day has no hour more or less than another.
  for (let at = Date.parse(`${since}T12:00:00Z`); at <= Date.parse(`${until}T12:00:00Z`); at += 86_400_000)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
