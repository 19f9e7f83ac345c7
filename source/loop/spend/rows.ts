/** The books read along one of their sides: by loop, model, day, role or run. Every side has the same total. */
import { NO_SPEND, plus } from '../meter.ts';
import type { Booked, FleetState, Provenance, Spend, SpendCell } from '../state.ts';
import { fresh, isZero } from '../tokens.ts';
import { HOUR_MS, together } from './book.ts';

export const BREAKDOWNS = ['loop', 'model', 'day', 'role', 'run'] as const;
export type Breakdown = (typeof BREAKDOWNS)[number];

export interface SpendRow {
  /** Name of the loop, model, role or run, or the day `YYYY-MM-DD`. `(other)` for what was too small to be kept apart. */
  readonly key: string;
  readonly spend: Spend;
  readonly provenance: Provenance;
}

/**
 * What was spent from day `since` (`YYYY-MM-DD`, that day included) on; from the first that is kept when it is null.
 * Days come in their order, everything else with the dearest first.
 */
export function spendRows(state: FleetState, by: Breakdown, since: string | null): SpendRow[] {
  const sums = new Map<string, Booked>();
  for (const [day, books] of daysSince(state, since)) {
    for (const [key, booked] of named(state, books, day, by)) {
      const known = sums.get(key);
      sums.set(key, known === undefined ? booked : together(known, booked));
    }
  }
  const rows = [...sums].map(([key, booked]): SpendRow => ({ key, ...read(booked) }));
  return by === 'day'
    ? rows.sort((a, b) => (a.key < b.key ? -1 : 1))
    : rows.sort(
        (a, b) =>
          b.spend.usd - a.spend.usd || fresh(b.spend.tokens) - fresh(a.spend.tokens) || (a.key < b.key ? -1 : 1),
      );
}

/** The sum of every breakdown. `unpriced` are the fresh tokens in it that have no price. */
export function spendTotal(
  state: FleetState,
  since: string | null,
): Omit<SpendRow, 'key'> & { readonly unpriced: number } {
  const cells = daysSince(state, since).flatMap(([, { cells }]) => cells);
  const guessed = Object.values(state.runs).some(({ meter }) =>
    Object.values(meter.live).some((each) => each.estimated),
  );
  const sum = cells.reduce<Booked>(together, { spend: NO_SPEND, loose: false, hidden: false, guessed });
  const unpriced = cells.reduce((tokens, { spend }) => tokens + (spend.unpriced ? fresh(spend.tokens) : 0), 0);
  return { ...read(sum), unpriced };
}

type Day = FleetState['spending']['days'][string];

/** For each row of a breakdown, what it spent on each of these days: USD where anything has a price, else fresh tokens. */
export function spendCourse(state: FleetState, by: Breakdown, days: readonly string[]): Map<string, number[]> {
  const course = new Map<string, Spend[]>();
  for (const [at, day] of days.entries()) {
    const books = state.spending.days[day];
    for (const [key, { spend }] of books === undefined ? [] : named(state, books, day, by)) {
      const row = course.get(key) ?? days.map(() => NO_SPEND);
      row[at] = plus(row[at] ?? NO_SPEND, spend);
      course.set(key, row);
    }
  }
  return new Map([...course].map(([key, row]) => [key, values(row)]));
}

/** A course as numbers to be drawn: money where there is any. */
export function values(spends: readonly Spend[]): number[] {
  const inUsd = spends.some(({ usd }) => usd > 0);
  return spends.map(({ usd, tokens }) => (inUsd ? usd : fresh(tokens)));
}

/** Spend of the last `hours` hours, the begun one last, as many entries as that; 48 at most are known. */
export function spendByHour(state: FleetState, now: number, hours: number): Spend[] {
  const first = (Math.floor(now / HOUR_MS) - hours + 1) * HOUR_MS;
  const out = Array.from({ length: hours }, () => NO_SPEND);
  for (const { at, spend } of state.spending.hours) {
    const index = (at - first) / HOUR_MS;
    const known = out[index];
    if (known !== undefined) out[index] = plus(known, spend);
  }
  return out;
}

function daysSince({ spending }: FleetState, since: string | null) {
  return Object.entries(spending.days).filter(([day]) => since === null || day >= since);
}

function named(state: FleetState, { cells, runs }: Day, day: string, by: Breakdown): (readonly [string, Booked])[] {
  // A run that is at work may have a bill that still rises.
  const isLive = (run: string) => state.runs[run]?.provenance === 'live';
  const guesses = Object.values(state.runs).flatMap(({ id, loop, meter }) =>
    Object.values(meter.live).flatMap(({ model, estimated }) =>
      estimated ? [{ run: id as string, loop, model }] : [],
    ),
  );
  if (by === 'run')
    return runs.map((row) => {
      const guessed = guesses.some(({ run }) => run === row.run);
      return [row.run, { ...row, loose: row.loose || isLive(row.run), guessed }];
    });
  const marked = (cell: SpendCell): Booked =>
    guesses.some(({ loop, model }) => loop === cell.loop && model === cell.model) ? { ...cell, guessed: true } : cell;
  return cells.map((cell) => [by === 'day' ? day : cell[by], marked(cell)]);
}

const read = (booked: Booked) => ({ spend: booked.spend, provenance: provenanceOf(booked) });

/** The worst of what went into it. Nothing spent is nothing to be unsure of. */
function provenanceOf({ spend, loose, hidden, guessed }: Booked): Provenance {
  if (hidden) return 'unknown';
  if (isZero(spend.tokens)) return 'exact';
  if (spend.estimated || guessed) return 'estimated';
  return loose ? 'live' : 'exact';
}
