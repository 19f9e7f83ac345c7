/** Caps of a run, of its loop's day, of the fleet's hour and day, and of the pace: how much is used, what to warn of, what is over. */
import { nextRole } from './crew/crew.ts';
import type { Role } from './definition/definition.ts';
import { type FanCap, fanOf, fanUses } from './fanout/caps.ts';
import { usdPerMinute } from './pace.ts';
import { agentIsAlive } from './run-status.ts';
import { spentByLoopToday, spentInHour } from './spend/spent.ts';
import type { FleetState, RunState, Spend } from './state.ts';
import { fresh } from './tokens.ts';
import { formatDuration, formatTokens, formatUsd } from './units.ts';

export type Cap =
  | 'tokens'
  | 'usd'
  | 'wall'
  | 'passes'
  | 'pace'
  | FanCap
  | 'loop-day-tokens'
  | 'loop-day-usd'
  | 'hour-tokens'
  | 'hour-usd'
  | 'day-tokens'
  | 'day-usd'
  | 'fleet-pace';

export interface CapUse {
  readonly cap: Cap;
  readonly used: number;
  readonly limit: number;
  /** `212k of 400k tokens`. */
  readonly words: string;
}

/** Milliseconds the run has been at work: open, not held, up to `now`. */
export const wallMs = (run: RunState, now: number): number =>
  run.wall.ms + (run.wall.since === null ? 0 : Math.max(0, now - run.wall.since));

/** Every cap that applies to the run, its own first. The passes used are those begun. */
export const uses = (fleet: FleetState, run: RunState, now: number): CapUse[] =>
  amounts(fleet, run, now).map((amount) => inWords(amount, run));

interface Amount {
  readonly cap: Cap;
  readonly used: number;
  readonly limit: number;
}

/** Without words, because this is asked of every run at every change, and words are wanted once in a run's life. */
function amounts(fleet: FleetState, run: RunState, now: number): Amount[] {
  return [
    ...ownAmounts(run, now),
    ...limited('pace', run.definition.usdPerMinute, () => usdPerMinute(run.pace, now)),
    ...fanAmounts(fleet, run, now),
    ...loopDay(fleet, run),
    ...fleetAmounts(fleet, now),
  ];
}

function ownAmounts(run: RunState, now: number): Amount[] {
  const { budget } = run;
  const { total } = run.meter;
  const share = 1 - reservedFor(run);
  return [
    { cap: 'tokens', used: fresh(total.tokens), limit: Math.floor(budget.tokens * share) },
    { cap: 'usd', used: total.usd, limit: budget.usd * share },
    { cap: 'wall', used: wallMs(run, now), limit: budget.wallMs },
    { cap: 'passes', used: run.pass, limit: budget.passes },
  ];
}

/** The caps that it shares with the other runs of its fan. */
function fanAmounts(fleet: FleetState, run: OfLoop, now: number): Amount[] {
  const fan = fanOf(fleet, run);
  return fan === null ? [] : fanUses(fleet, fan, now);
}

/** Of caps that nobody set, nothing is counted. */
const limited = (cap: Cap, limit: number | null, used: () => number): Amount[] =>
  limit === null ? [] : [{ cap, used: used(), limit }];

/** A loop, whether it has a run or not. */
type OfLoop = Pick<RunState, 'loop' | 'definition'> & Partial<Pick<RunState, 'fan'>>;

function loopDay(fleet: FleetState, run: OfLoop): Amount[] {
  const { tokens, usd } = run.definition.daily;
  if (tokens === null && usd === null) return [];
  const spent = spentByLoopToday(fleet, run.loop);
  return [
    ...limited('loop-day-tokens', tokens, () => fresh(spent.tokens)),
    ...limited('loop-day-usd', usd, () => spent.usd),
  ];
}

function fleetAmounts(fleet: FleetState, now: number): Amount[] {
  const { daily, hourly, usdPerMinute: pace } = fleet.settings;
  const day = fleet.days[fleet.today];
  let hour: Spend | null = null;
  const inHour = () => {
    hour ??= spentInHour(fleet, now);
    return hour;
  };
  return [
    ...limited('hour-tokens', hourly.tokens, () => fresh(inHour().tokens)),
    ...limited('hour-usd', hourly.usd, () => inHour().usd),
    { cap: 'day-tokens', used: day ? fresh(day.tokens) : 0, limit: daily.tokens },
    { cap: 'day-usd', used: day?.usd ?? 0, limit: daily.usd },
    ...limited('fleet-pace', pace, () =>
      Object.values(fleet.runs).reduce((sum, run) => sum + (run.pace.length > 0 ? usdPerMinute(run.pace, now) : 0), 0),
    ),
  ];
}

/** The share of tokens and money that whoever is at work now must leave to other roles. */
function reservedFor(run: RunState): number {
  const role: Role = agentIsAlive(run) && run.agent !== null ? run.agent.role : nextRole(run);
  const others = Object.entries(run.definition.reserve).filter(([name]) => name !== role);
  return Math.min(
    0.9,
    others.reduce((sum, [, share]) => sum + (share ?? 0), 0),
  );
}

const inWords = (amount: Amount, run: RunState): CapUse => ({ ...amount, words: wordsOf(amount, run, kept(run)) });

function wordsOf({ cap, used, limit }: Amount, { loop, fan }: OfLoop, kept: string): string {
  const tokens = `${formatTokens(used)} of ${formatTokens(limit)} tokens`;
  const usd = `${formatUsd(used)} of ${formatUsd(limit)}`;
  const pace = `${formatUsd(used)} a minute of ${formatUsd(limit)}`;
  switch (cap) {
    case 'tokens':
      return `${tokens}${kept}`;
    case 'usd':
      return `${usd}${kept}`;
    case 'wall':
      return `${formatDuration(used)} of ${formatDuration(limit)}`;
    case 'passes':
      return `${used} of ${limit} passes`;
    case 'pace':
      return pace;
    case 'fan-tokens':
      return `the fan ${fan?.id}: ${tokens}`;
    case 'fan-usd':
      return `the fan ${fan?.id}: ${usd}`;
    case 'fan-wall':
      return `the fan ${fan?.id}: ${formatDuration(used)} of ${formatDuration(limit)}`;
    case 'fan-passes':
      return `the fan ${fan?.id}: ${used} of ${limit} passes`;
    case 'loop-day-tokens':
      return `the day of ${loop}: ${tokens}`;
    case 'loop-day-usd':
      return `the day of ${loop}: ${usd}`;
    case 'hour-tokens':
      return `the fleet's hour: ${tokens}`;
    case 'hour-usd':
      return `the fleet's hour: ${usd}`;
    case 'day-tokens':
      return `the fleet's day: ${tokens}`;
    case 'day-usd':
      return `the fleet's day: ${usd}`;
    case 'fleet-pace':
      return `the fleet: ${pace}`;
  }
}

/** ` (15 % is kept for others)`; nothing where nothing is. */
function kept(run: RunState): string {
  const share = reservedFor(run);
  return share === 0
    ? ''
    : ` (${Math.round(share * 100)} % is kept for ${Object.keys(run.definition.reserve).join(', ')})`;
}

/** The first cap that forbids another response; null when there is room. Passes are checked where a pass ends, not here. */
export function over(fleet: FleetState, run: RunState, now: number): CapUse | null {
  const hit = amounts(fleet, run, now).find((use) => !countsPasses(use) && use.used >= use.limit);
  return hit ? inWords(hit, run) : null;
}

const countsPasses = ({ cap }: Amount): boolean => cap === 'passes' || cap === 'fan-passes';

/** The first cap of its own, and of no other run's, that it has reached; null while there is room under all of them. */
export function ownCap(run: RunState, now: number): CapUse | null {
  const atRest = run.status.tag === 'open' && run.status.phase === 'reflecting';
  // A pass that is under way is not used up.
  const hit = ownAmounts(run, now).find((use) => (use.cap !== 'passes' || atRest) && use.used >= use.limit);
  return hit ? inWords(hit, run) : null;
}

/** The first cap of the whole fleet, of a loop's day or of a fan, under which no new run may begin; null when there is room. */
export function closedFor(fleet: FleetState, run: OfLoop, now: number): CapUse | null {
  const all = [...fanAmounts(fleet, run, now), ...loopDay(fleet, run), ...fleetAmounts(fleet, now)];
  const hit = all.find((use) => use.used >= use.limit);
  return hit ? { ...hit, words: wordsOf(hit, run, '') } : null;
}

export interface Room {
  /** Fresh tokens and USD that may still be spent before the nearest cap; never negative. */
  readonly tokens: number;
  readonly usd: number;
}

/** How much one more request of this run may cost at most, by every cap that counts tokens or money. */
export function room(fleet: FleetState, run: RunState, now: number): Room {
  const left = { tokens: Number.POSITIVE_INFINITY, usd: Number.POSITIVE_INFINITY };
  for (const { cap, used, limit } of amounts(fleet, run, now)) {
    const unit = cap.endsWith('usd') ? 'usd' : cap.endsWith('tokens') ? 'tokens' : null;
    if (unit === null) continue;
    left[unit] = Math.max(0, Math.min(left[unit], limit - used));
  }
  return left;
}

/** Caps of the run of which a new warning share was reached; passes, pace and what is the fleet's are not warned of here. */
export function newWarnings(
  fleet: FleetState,
  run: RunState,
  now: number,
): { cap: Cap; share: number; words: string }[] {
  return amounts(fleet, run, now)
    .filter((use) => use.cap === 'tokens' || use.cap === 'usd' || use.cap === 'wall')
    .flatMap((use) => {
      const share = run.definition.warnAt.findLast((mark) => use.used >= mark * use.limit);
      return share === undefined || share <= (run.warned[use.cap] ?? 0)
        ? []
        : [{ cap: use.cap, share, words: wordsOf(use, run, kept(run)) }];
    });
}

/** Shares at which the operator is told of the fleet's day and of a loop's. */
const FLEET_WARN_AT = [0.8, 0.9, 0.95] as const;

/** Caps of the fleet's day, of the day of every loop and of every fan at work, of which a new warning share was reached. */
export function newFleetWarnings(
  fleet: FleetState,
  runs: readonly RunState[],
  now: number,
): { cap: string; share: number; words: string }[] {
  const first = runs[0];
  if (first === undefined) return [];
  const perLoop = new Map(runs.map((run) => [run.loop, run]));
  const named = [
    ...fleetAmounts(fleet, now)
      .filter((use) => use.cap === 'day-tokens' || use.cap === 'day-usd')
      .map((use) => ({ key: use.cap, use, run: first })),
    ...[...perLoop.values()].flatMap((run) =>
      loopDay(fleet, run).map((use) => ({ key: `loop:${run.loop}:${use.cap}`, use, run })),
    ),
    ...[...new Map(runs.map((run) => [run.fan?.id ?? '', run])).values()].flatMap((run) =>
      fanAmounts(fleet, run, now).map((use) => ({ key: `fan:${run.fan?.id}:${use.cap}`, use, run })),
    ),
  ];
  return named.flatMap(({ key, use, run }) => {
    const share = FLEET_WARN_AT.findLast((mark) => use.used >= mark * use.limit);
    return share === undefined || share <= (fleet.warned[key] ?? 0)
      ? []
      : [{ cap: key, share, words: wordsOf(use, run, kept(run)) }];
  });
}

/** When the wall clock alone will reach the next warning or the cap (ms since 1970); null while it stands still. */
export function nextWallMark(run: RunState, now: number): number | null {
  if (run.wall.since === null) return null;
  const used = wallMs(run, now);
  const marks = [...run.definition.warnAt.filter((mark) => mark > (run.warned.wall ?? 0)), 1].map(
    (mark) => mark * run.budget.wallMs,
  );
  const next = marks.find((mark) => mark > used);
  return next === undefined ? now : now + (next - used);
}
