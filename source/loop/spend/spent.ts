/** How much was spent lately: what caps per hour and per loop are held against. */
import { NO_SPEND, plus } from '../meter.ts';
import type { FleetState, Spend } from '../state.ts';
import { HOUR_MS, MINUTE_MS } from './book.ts';

/**
 * What the fleet spent in the hour before `now` (ms since 1970). Counted by whole minutes, the begun one and the 60
 * before it, so it is never less than the true sliding hour and at most a minute more.
 */
export function spentInHour(state: FleetState, now: number): Spend {
  const from = Math.floor(now / MINUTE_MS) * MINUTE_MS - HOUR_MS;
  return state.spending.minutes
    .filter(({ at }) => at >= from && at <= now)
    .reduce((sum, { spend }) => plus(sum, spend), NO_SPEND);
}

/** What all runs of a loop spent on the day of the newest event, by the operator's calendar. */
export const spentByLoopToday = (state: FleetState, loop: string): Spend =>
  (state.spending.days[state.today]?.cells ?? [])
    .filter((cell) => cell.loop === loop)
    .reduce((sum, { spend }) => plus(sum, spend), NO_SPEND);
