/** Wall-clock time and the operator's calendar day; and the notice that the machine was asleep. */
import type { Clock } from './ledger.ts';

export const localClock = (): Clock => ({ now: Date.now, day: localDay });

/** `YYYY-MM-DD` in the time zone of this process. `at` in ms since 1970. */
export function localDay(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** IANA name of the time zone of this process. */
export const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

const LOOK_EVERY_MS = 5000;
/** Wall and monotonic clock further apart than this: a suspend or a changed clock, not a busy machine. */
const JUMP_MS = 2000;

/** Tells when the calendar day is no longer `today`: on a quiet night no event brings the new date. */
export function watchForMidnight(clock: Clock, today: () => string, began: () => void): () => void {
  const timer = setInterval(() => {
    if (clock.day(clock.now()) !== today()) began();
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

/** Tells by how much the wall clock ran ahead of (or fell behind) the time this process was awake. */
export function watchForSleep(clock: Clock, jumped: (jumpMs: number) => void): () => void {
  let last = { wall: clock.now(), awake: performance.now() };
  const timer = setInterval(() => {
    const now = { wall: clock.now(), awake: performance.now() };
    const jumpMs = Math.round(now.wall - last.wall - (now.awake - last.awake));
    last = now;
    if (Math.abs(jumpMs) > JUMP_MS) jumped(jumpMs);
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
