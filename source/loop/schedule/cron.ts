/**
 * When a five-field cron line comes round in a time zone. Pure: croner keeps the calendar and is only asked, never started.
 * Where clocks are set forward, a time of day that the night leaves out comes at the end of the gap; where they are set back,
 * one that comes twice counts the first time. Lines with a `*` or a step in hour or minute go by elapsed time, as in Vixie's cron.
 */
import { Cron } from 'croner';

/** Making one costs as much as asking it ten times. */
const known = new Map<string, Cron>();
/** Loops come and go in a repository that lives for months. */
const KNOWN_MOST = 500;

function cronOf(line: string, zone: string): Cron {
  const key = `${zone} ${line}`;
  const made =
    known.get(key) ?? new Cron(line, { paused: true, mode: '5-part', timezone: zone, fixedTimeRule: 'no-wildcard' });
  if (known.size >= KNOWN_MOST) known.clear();
  known.set(key, made);
  return made;
}

/** The first time after `after` (both ms since 1970); null when there is none, as for 30 February. Throws for no cron line. */
export const nextCron = (line: string, zone: string, after: number): number | null =>
  cronOf(line, zone).nextRun(new Date(after))?.getTime() ?? null;
