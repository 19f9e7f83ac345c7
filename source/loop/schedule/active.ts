/** Hours in which a heartbeat may fire, such as `08:00-19:00 mon-fri`: read from a loop file, and asked about a moment. */
import type { ActiveHours } from '../definition/definition.ts';
import { nextCron } from './cron.ts';
import { localTime } from './zone.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const EVERY_DAY: readonly number[] = [0, 1, 2, 3, 4, 5, 6];
const DAY_MINUTES = 24 * 60;

/** Hours, days or both, each a list: `08:00-12:00,13:00-19:00 mon-fri,sun`. Null when it is none of these. */
export function parseActive(text: string): ActiveHours | null {
  const words = text.trim().toLowerCase().split(/\s+/);
  const [first = '', second] = words;
  if (words.length > 2) return null;
  const timed = /^\d/.test(first);
  if (!timed && second !== undefined) return null;
  const hours = timed ? all(first, hoursOf) : [{ from: 0, to: DAY_MINUTES }];
  const named = timed ? second : first;
  const days = named === undefined ? [EVERY_DAY] : all(named, daysOf);
  if (hours === null || days === null) return null;
  return { text: words.join(' '), hours, days: [...new Set(days.flat())].sort((a, b) => a - b) };
}

function all<T>(list: string, read: (part: string) => T | null): T[] | null {
  const parts = list.split(',').map(read);
  const good = parts.filter((part) => part !== null);
  return good.length === parts.length ? good : null;
}

function hoursOf(text: string): { from: number; to: number } | null {
  const match = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(text);
  if (!match) return null;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  if (fromMinute > 59 || toMinute > 59 || from >= DAY_MINUTES || to > DAY_MINUTES || from === to) return null;
  return { from, to };
}

function daysOf(text: string): readonly number[] | null {
  const [first, last, ...more] = text.split('-').map((name) => DAYS.indexOf(name));
  if (first === undefined || first < 0 || more.length > 0 || (last !== undefined && last < 0)) return null;
  if (last === undefined) return [first];
  // `fri-mon` goes over the end of the week.
  return EVERY_DAY.slice(0, ((last - first + 7) % 7) + 1).map((step) => (first + step) % 7);
}

/** Whether `at` (ms since 1970) lies within the hours. */
export function isActiveAt(active: ActiveHours, zone: string, at: number): boolean {
  const { day, minute } = localTime(zone, at);
  const yesterday = (day + 6) % 7;
  return active.hours.some(({ from, to }) =>
    from < to
      ? active.days.includes(day) && minute >= from && minute < to
      : (active.days.includes(day) && minute >= from) || (active.days.includes(yesterday) && minute < to),
  );
}

/** When the hours next begin after `at` (ms since 1970); null when never. */
export function nextOpening(active: ActiveHours, zone: string, at: number): number | null {
  const openings = active.hours.flatMap(({ from }) => {
    const line = `${from % 60} ${Math.floor(from / 60)} * * ${active.days.join(',')}`;
    return nextCron(line, zone, at) ?? [];
  });
  return openings.length === 0 ? null : Math.min(...openings);
}
