/** The instants at which a heartbeat by the clock fires: a grid of `every`, the times of `cron`, within the active hours. */
import { createHash } from 'node:crypto';
import type { Heartbeat } from '../definition/definition.ts';
import { isActiveAt, nextOpening } from './active.ts';
import { nextCron } from './cron.ts';

export interface Instant {
  /** ms since 1970. */
  readonly at: number;
  readonly trigger: 'every' | 'cron';
}

/** A heartbeat with what its instants depend on. */
export interface Timetable {
  readonly on: Heartbeat;
  /** IANA name. */
  readonly zone: string;
  /** The grid of `every` begins one step after this, ms since 1970. */
  readonly anchor: number;
}

/** Closed hours that are looked past before a heartbeat counts as one that never fires: two months of daily ones. */
const OPENINGS_TRIED = 60;

/** The first instant after `after` (ms since 1970); null when there is none. */
export function nextInstant(table: Timetable, after: number): Instant | null {
  const { everyMs, cron } = table.on;
  const every = everyMs === null ? null : within(table, after, (from) => nextOnGrid(table.anchor, everyMs, from));
  const timed = cron === null ? null : within(table, after, (from) => nextCron(cron, table.zone, from));
  if (every === null && timed === null) return null;
  return timed === null || (every !== null && every <= timed)
    ? { at: every ?? 0, trigger: 'every' }
    : { at: timed, trigger: 'cron' };
}

function within({ on, zone }: Timetable, after: number, next: (from: number) => number | null): number | null {
  let at = next(after);
  for (let tries = 0; tries < OPENINGS_TRIED; tries++) {
    if (at === null || on.active === null || isActiveAt(on.active, zone, at)) return at;
    const opening = nextOpening(on.active, zone, at);
    at = opening === null ? null : next(opening - 1);
  }
  return null;
}

const nextOnGrid = (anchor: number, stepMs: number, after: number): number =>
  anchor + stepMs * Math.max(1, Math.floor((after - anchor) / stepMs) + 1);

const HOUR_MS = 3_600_000;
/** Looked back this far, each only when the one before held nothing: a line by the minute has 60 in the first, one by the year 1 in the last. */
const SPANS_MS = [HOUR_MS, 24 * HOUR_MS, 32 * 24 * HOUR_MS, Number.POSITIVE_INFINITY];

/** The last instant after `after` and not after `until`; null when there is none. */
export function lastInstant(table: Timetable, after: number, until: number): Instant | null {
  for (const span of SPANS_MS) {
    const from = Math.max(after, until - span);
    let found: Instant | null = null;
    for (let at = nextInstant(table, from); at !== null && at.at <= until; at = nextInstant(table, at.at)) found = at;
    if (found !== null || from === after) return found;
  }
  return null;
}

/**
 * When the firing of an instant is due, ms since 1970: later by a part of the jitter that is the same whenever it is asked. Never
 * by more than half the way to the next instant, so that firings keep their order.
 */
export function dueAt(loop: string, table: Timetable, { at }: Instant): number {
  const { jitterMs } = table.on;
  if (jitterMs === 0) return at;
  const next = nextInstant(table, at);
  const most = next === null ? jitterMs : Math.min(jitterMs, (next.at - at) / 2);
  const part = createHash('sha256').update(`${loop} ${at}`).digest().readUInt32BE(0) / 2 ** 32;
  return at + Math.floor(part * most);
}
