/** How fast money goes: dollars per minute over the last five. A single dear response is no pace, a runaway is within seconds of it. */

const WINDOW_MINUTES = 5;
const MINUTE_MS = 60_000;

/** Money by the minute in which it was billed, oldest first, no older than the window. */
export type Pace = readonly { readonly minute: number; readonly usd: number }[];

/** The pace after `usd` more at `at` (ms since 1970). A clock that was set back makes one minute heavier, not the past longer. */
export function spentAt(pace: Pace, at: number, usd: number): Pace {
  if (usd <= 0) return pace;
  const minute = Math.max(Math.floor(at / MINUTE_MS), pace.at(-1)?.minute ?? 0);
  const recent = pace.filter((each) => each.minute > minute - WINDOW_MINUTES);
  const last = recent.at(-1);
  return last?.minute === minute
    ? [...recent.slice(0, -1), { minute, usd: last.usd + usd }]
    : [...recent, { minute, usd }];
}

/** USD a minute over the last five minutes before `now` (ms since 1970). */
export function usdPerMinute(pace: Pace, now: number): number {
  const minute = Math.floor(now / MINUTE_MS);
  const recent = pace.filter((each) => each.minute > minute - WINDOW_MINUTES);
  return recent.reduce((sum, each) => sum + each.usd, 0) / WINDOW_MINUTES;
}
