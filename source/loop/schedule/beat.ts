/** What is remembered of a loop's heartbeat, and how each kind of fact changes it. It knows times, not clocks, and no other part of the fleet. */
import type { Heartbeat } from '../definition/definition.ts';

export type Trigger = 'every' | 'cron' | 'watch' | 'event' | 'after';

/** Something has set the loop off, and neither a run nor a reason for none has come of it yet. */
export interface Firing {
  /** One key, at most one run: `cron:1798189200000`, `after:triage-7`, `event:6f1c…`. */
  readonly key: string;
  readonly trigger: Trigger;
  /** The instant it was scheduled for, or when it was heard; ms since 1970. */
  readonly at: number;
  /** What the run is to work on. Written by others: data, never instructions. */
  readonly item: unknown;
  /** `skip-if` has let it pass. */
  readonly checked: boolean;
}

/** Instants after `after` up to and with `to` will not fire (again). */
export type Settled = readonly [after: number, to: number];

export interface BeatState {
  /** Digest of the definition it was armed for: another definition arms anew. */
  readonly of: string;
  /** When it was armed or renewed, ms since 1970: it expires by this. */
  readonly armedAt: number;
  /** Where the grid of `every` begins. Kept while `every` stays as it is. */
  readonly grid: { readonly everyMs: number | null; readonly anchor: number };
  /** Instants up to here are not waited for, ms since 1970. Goes back when the clock does. */
  readonly cursor: number;
  /** What was settled, also beyond the cursor: a clock that was set back fires nothing of it again. */
  readonly settled: readonly Settled[];
  /** Oldest first. */
  readonly firings: readonly Firing[];
  /** Ended runs and fans of the loop it comes after, not yet made firings. */
  readonly ends: readonly { readonly run: string; readonly at: number; readonly item: unknown }[];
  /** When its last run was queued, by hand or not; ms since 1970. */
  readonly ranAt: number | null;
  readonly skipped: { readonly at: number; readonly why: string } | null;
  /** Why its events cannot be heard now; null when they can. */
  readonly trouble: string | null;
  /** What the operator was told of its end. */
  readonly told: 'nothing' | 'soon' | 'expired';
}

/** Firings and ends that wait; more of them are dropped, and whoever makes them looks here first. */
export const WAITING_MOST = 100;
/** Each is a clock that was set back or a sleep; more are forgotten, oldest first. */
const SETTLED_KEPT = 32;

export const hasHeartbeat = ({ everyMs, cron, watch, event, after }: Heartbeat): boolean =>
  everyMs !== null || cron !== null || watch !== null || event !== null || after !== null;

/** Armed at `at` for a definition with digest `of`. What was settled stays so, whatever the file says now. */
export function armed(before: BeatState | undefined, of: string, on: Heartbeat, at: number): BeatState {
  const grid =
    before !== undefined && before.grid.everyMs === on.everyMs ? before.grid : { everyMs: on.everyMs, anchor: at };
  const quiet = { cursor: at, grid, firings: [], ends: [], trouble: null } as const;
  if (before !== undefined && before.of === of) return { ...before, ...quiet };
  return {
    of,
    armedAt: at,
    settled: before?.settled ?? [],
    ranAt: before?.ranAt ?? null,
    skipped: null,
    told: 'nothing',
    ...quiet,
  };
}

/** The operator wants it to go on: its time begins anew. What an expired one has missed stays missed. */
export const renewed = (beat: BeatState, at: number): BeatState => ({
  ...beat,
  armedAt: at,
  cursor: beat.told === 'expired' ? at : beat.cursor,
  told: 'nothing',
});

/** The instant `at` is dealt with. `missed`: nobody was awake for those before it, so nothing is said of them. */
export function settle(beat: BeatState, at: number, missed: boolean): BeatState {
  let after = missed ? at - 1 : Math.min(beat.cursor, at - 1);
  let to = at;
  const apart: Settled[] = [];
  for (const range of beat.settled) {
    if (range[1] < after || range[0] > to) apart.push(range);
    else [after, to] = [Math.min(after, range[0]), Math.max(to, range[1])];
  }
  const settled = [...apart, [after, to] as const].sort((a, b) => a[0] - b[0]).slice(-SETTLED_KEPT);
  return { ...beat, cursor: Math.max(beat.cursor, at), settled };
}

/** Until when everything around `at` is settled; null when `at` is not. */
export const settledUntil = (beat: BeatState, at: number): number | null =>
  beat.settled.find(([after, to]) => after < at && at <= to)?.[1] ?? null;

/** From the setting of a clock to the notice of it. */
const NOTICED_MS = 10_000;

/** The clock shows `at` and has shown more before: what comes round again is waited for again, but for what was settled. */
export const rewound = (beat: BeatState, at: number): BeatState =>
  beat.cursor > at ? { ...beat, cursor: at - NOTICED_MS } : beat;
