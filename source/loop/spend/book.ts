/** Books what a run has newly spent: by day, loop, model, role and run, and by minute and hour. Only ever adds; what is old or small is merged. */
import type { Role } from '../definition/definition.ts';
import { NO_SPEND, plus } from '../meter.ts';
import type { Booked, FleetState, RunSpend, RunState, Spend, SpendCell, Spending } from '../state.ts';
import { fresh, isZero, minus } from '../tokens.ts';
import { boundedCells, boundedMinute, boundedRuns, newestDays, OTHER } from './bounded.ts';

/**
 * Minutes that are kept. The sliding hour needs 61; a clock that was set back writes some of them twice, and they are
 * dropped by age in the journal, not by the clock, so that a clock that ran ahead cannot push the true ones out.
 */
const MINUTES_KEPT = 128;
const HOURS_KEPT = 48;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

export const NO_SPENDING: Spending = { days: {}, minutes: [], hours: [] };

/** What one event added for one model. */
interface Entry extends Booked {
  readonly model: string;
}

/** With what `after` has spent beyond `before`. `day` is the operator's calendar day, `at` ms since 1970. */
export function book(spending: Spending, day: string, at: number, before: RunState, after: RunState): Spending {
  const entries = news(before, after);
  if (entries.length === 0) return spending;
  const { id: run, loop } = after;
  const role: Role = (after.agent ?? before.agent)?.role ?? 'maker';
  const known = spending.days[day] ?? { cells: [], runs: [] };
  const cells = entries.reduce((all, entry) => withCell(all, { loop, role, ...entry }), known.cells);
  const runs = entries.reduce((all, entry) => withRun(all, { run, loop, ...booked(entry) }), known.runs);
  const today = { cells: boundedCells(cells, 'today'), runs: boundedRuns(runs, 'today') };
  const total = entries.reduce((sum, { spend }) => plus(sum, spend), NO_SPEND);
  const days = newestDays({ ...spending.days, [day]: today }, day);
  if (isZero(total.tokens) && total.usd === 0) return { ...spending, days };
  return { days, minutes: inMinute(spending.minutes, at, after, total), hours: inHour(spending.hours, at, total) };
}

/** What an older version knew of its days: sums alone. */
export function broughtForward(days: FleetState['days']): Spending {
  const past = Object.entries(days).map(([day, spend]): [string, Spending['days'][string]] => {
    const sum = { spend, loose: false, hidden: false };
    return [
      day,
      { cells: [{ loop: OTHER, model: OTHER, role: 'maker', ...sum }], runs: [{ run: OTHER, loop: OTHER, ...sum }] },
    ];
  });
  return { ...NO_SPENDING, days: Object.fromEntries(past) };
}

function news(before: RunState, after: RunState): Entry[] {
  const hidden = after.meter.hidden.length > 0;
  const open = diedOpen(before, after);
  const grown = Object.entries(after.meter.perModel).flatMap(([model, spend]): Entry[] => {
    const known = Object.hasOwn(before.meter.perModel, model) ? before.meter.perModel[model] : undefined;
    if (known === spend) return [];
    return [{ model, spend: beyond(known ?? NO_SPEND, spend), loose: false, hidden }];
  });
  const added = withoutMoved(grown, before, after);
  const loose = open.map((model): Entry => ({ model, spend: NO_SPEND, loose: true, hidden }));
  const newlyHidden = after.meter.hidden.length > before.meter.hidden.length;
  const mark: Entry[] =
    newlyHidden && added.length === 0 ? [{ model: lastModel(after), spend: NO_SPEND, loose: false, hidden: true }] : [];
  return [...added, ...loose, ...mark];
}

/**
 * The bill of a model that answered may take the place of an estimate for the model that was asked. The books only ever add:
 * the estimate stays with the model it was of, and the other gets what the bill says beyond it.
 */
function withoutMoved(grown: readonly Entry[], before: RunState, after: RunState): readonly Entry[] {
  let moved = Object.entries(before.meter.perModel).reduce((sum, [model, spend]) => {
    const now = Object.hasOwn(after.meter.perModel, model) ? after.meter.perModel[model] : undefined;
    return plus(sum, beyond(now ?? NO_SPEND, spend));
  }, NO_SPEND);
  if (isZero(moved.tokens) && moved.usd === 0) return grown;
  return grown.map((entry) => {
    const spend = beyond(moved, entry.spend);
    moved = beyond(entry.spend, moved);
    return { ...entry, spend: { ...spend, unpriced: entry.spend.unpriced, estimated: entry.spend.estimated } };
  });
}

const beyond = (before: Spend, after: Spend): Spend => ({
  tokens: minus(after.tokens, before.tokens),
  usd: Math.max(0, after.usd - before.usd),
  unpriced: after.unpriced,
  estimated: after.estimated,
});

/** Models of the responses whose bills were open when their process died, and will not come: those of the wire still do. */
function diedOpen(before: RunState, after: RunState): string[] {
  if (after.meter.live === before.meter.live) return [];
  const { live } = after.meter;
  const open = Object.entries(before.meter.live).filter(
    ([key, { final }]) => !final && !Object.hasOwn(live, key) && !Object.hasOwn(before.wire, key),
  );
  return [...new Set(open.map(([, { model }]) => model))];
}

/** The model that was heard of last: what is hidden was most likely its. */
const lastModel = (run: RunState): string =>
  Object.values(run.meter.live).at(-1)?.model ?? run.agent?.model ?? run.model;

const booked = ({ spend, loose, hidden }: Booked): Booked => ({ spend, loose, hidden });

/** Two bookings as one. */
export const together = (a: Booked, b: Booked): Booked => ({
  spend: plus(a.spend, b.spend),
  loose: a.loose || b.loose,
  hidden: a.hidden || b.hidden,
  ...(a.guessed || b.guessed ? { guessed: true } : {}),
});

function withCell(cells: readonly SpendCell[], cell: SpendCell): readonly SpendCell[] {
  const at = cells.findIndex(
    ({ loop, model, role }) => loop === cell.loop && model === cell.model && role === cell.role,
  );
  const known = cells[at];
  return known === undefined ? [...cells, cell] : cells.with(at, { ...known, ...together(known, cell) });
}

function withRun(runs: readonly RunSpend[], row: RunSpend): readonly RunSpend[] {
  const at = runs.findIndex(({ run }) => run === row.run);
  const known = runs[at];
  return known === undefined ? [...runs, row] : runs.with(at, { ...known, ...together(known, row) });
}

/** Only the newest entry takes more: a clock that was set back begins another of the same minute. */
function inMinute(
  minutes: Spending['minutes'],
  at: number,
  { id: run, loop }: RunState,
  spend: Spend,
): Spending['minutes'] {
  const start = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  const last = minutes.at(-1);
  const same = last?.at === start;
  const row = { run, loop, fresh: fresh(spend.tokens), usd: spend.usd };
  const rows = same ? last.runs : [];
  const index = rows.findIndex((each) => each.run === run);
  const known = rows[index];
  const runs =
    known === undefined
      ? [...rows, row]
      : rows.with(index, { run, loop, fresh: known.fresh + row.fresh, usd: known.usd + row.usd });
  const minute = { at: start, spend: plus(same ? last.spend : NO_SPEND, spend), runs: boundedMinute(runs) };
  return [...(same ? minutes.slice(0, -1) : minutes.slice(1 - MINUTES_KEPT)), minute];
}

function inHour(hours: Spending['hours'], at: number, spend: Spend): Spending['hours'] {
  const start = Math.floor(at / HOUR_MS) * HOUR_MS;
  const last = hours.at(-1);
  if (last?.at === start) return [...hours.slice(0, -1), { at: start, spend: plus(last.spend, spend) }];
  return [...hours.slice(1 - HOURS_KEPT), { at: start, spend }];
}
