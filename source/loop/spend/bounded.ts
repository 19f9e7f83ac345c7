/** Keeps the books bounded: when there are too many rows, the smallest become one. What is merged loses its name, never its amount. */
import { plus } from '../meter.ts';
import type { Booked, MinuteSpend, RunSpend, SpendCell, Spending } from '../state.ts';
import { fresh } from '../tokens.ts';

/** Stands for what was merged. No loop, model or run can be called that: their names have no brackets. */
export const OTHER = '(other)';

const DAYS_KEPT = 90;
/** Rows of a day: one that is over is only looked at, and 90 of them travel in every snapshot. */
const CELLS = { today: 256, past: 64 } as const;
const RUNS = { today: 128, past: 32 } as const;
const RUNS_A_MINUTE = 64;

type Age = 'today' | 'past';

/** The smallest rows give up their model first, so that what a loop spent today stays true for as long as its loops fit. */
export function boundedCells(cells: readonly SpendCell[], age: Age): readonly SpendCell[] {
  const limit = CELLS[age];
  if (cells.length <= limit) return cells;
  const keyOf = ({ loop, model, role }: SpendCell) => JSON.stringify([loop, model, role]);
  const byLoop = merged(cells, limit, keyOf, (cell) => ({ ...cell, model: OTHER }));
  return merged(byLoop, limit, keyOf, (cell) => ({ ...cell, loop: OTHER, model: OTHER }));
}

export function boundedRuns(runs: readonly RunSpend[], age: Age): readonly RunSpend[] {
  return merged(
    runs,
    RUNS[age],
    ({ run }) => run,
    (row) => ({ ...row, run: OTHER, loop: OTHER }),
  );
}

export function boundedMinute(runs: MinuteSpend['runs']): MinuteSpend['runs'] {
  if (runs.length <= RUNS_A_MINUTE) return runs;
  const sorted = runs.toSorted((a, b) => b.fresh - a.fresh);
  const rest = sorted.slice(RUNS_A_MINUTE - 1);
  const sum = (of: (row: MinuteSpend['runs'][number]) => number) => rest.reduce((all, row) => all + of(row), 0);
  return [
    ...sorted.slice(0, RUNS_A_MINUTE - 1),
    { run: OTHER, loop: OTHER, fresh: sum((row) => row.fresh), usd: sum((row) => row.usd) },
  ];
}

/** The newest days; those that are over with fewer rows. */
export function newestDays(days: Spending['days'], today: string): Spending['days'] {
  const names = Object.keys(days).sort();
  const isPlain = names.length <= DAYS_KEPT && names.every((name) => name === today || isSmall(days[name]));
  if (isPlain) return days;
  const kept = names.slice(-DAYS_KEPT).flatMap((name): [string, Spending['days'][string]][] => {
    const day = days[name];
    if (day === undefined) return [];
    return [
      [name, name === today ? day : { cells: boundedCells(day.cells, 'past'), runs: boundedRuns(day.runs, 'past') }],
    ];
  });
  return Object.fromEntries(kept);
}

const isSmall = (day: Spending['days'][string] | undefined): boolean =>
  day === undefined || (day.cells.length <= CELLS.past && day.runs.length <= RUNS.past);

/** At most half of `limit` rows stay as they are, the largest, so that this is not done again at the next row. */
function merged<Row extends Booked>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string,
  nameless: (row: Row) => Row,
): readonly Row[] {
  if (rows.length <= limit) return rows;
  const bySize = rows.toSorted((a, b) => size(b) - size(a));
  const sums = new Map<string, Row>();
  for (const [at, row] of bySize.entries()) {
    const named = at < limit / 2 ? row : nameless(row);
    const key = keyOf(named);
    const known = sums.get(key);
    sums.set(
      key,
      known === undefined
        ? named
        : {
            ...known,
            spend: plus(known.spend, named.spend),
            loose: known.loose || named.loose,
            hidden: known.hidden || named.hidden,
          },
    );
  }
  return [...sums.values()];
}

/** What cannot be priced counts by its tokens, as if a million cost a dollar. */
const size = ({ spend }: Booked): number => spend.usd + (spend.unpriced ? fresh(spend.tokens) / 1_000_000 : 0);
