/** Caps of a run and of the fleet's day: how much is used, what to warn of, what is over. */
import type { FleetState, RunState } from './state.ts';
import { fresh } from './tokens.ts';
import { formatDuration, formatTokens, formatUsd } from './units.ts';

export type Cap = 'tokens' | 'usd' | 'wall' | 'passes' | 'day-tokens' | 'day-usd';

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
export const uses = (fleet: FleetState, run: RunState, now: number): CapUse[] => amounts(fleet, run, now).map(inWords);

type Amount = Omit<CapUse, 'words'>;

/** Without words, because this is asked of every run at every change, and words are wanted once in a run's life. */
function amounts(fleet: FleetState, run: RunState, now: number): Amount[] {
  const day = fleet.days[fleet.today];
  const { budget } = run;
  const { daily } = fleet.settings;
  return [
    { cap: 'tokens', used: fresh(run.meter.total.tokens), limit: budget.tokens },
    { cap: 'usd', used: run.meter.total.usd, limit: budget.usd },
    { cap: 'wall', used: wallMs(run, now), limit: budget.wallMs },
    { cap: 'passes', used: run.pass, limit: budget.passes },
    { cap: 'day-tokens', used: day ? fresh(day.tokens) : 0, limit: daily.tokens },
    { cap: 'day-usd', used: day?.usd ?? 0, limit: daily.usd },
  ];
}

const inWords = (amount: Amount): CapUse => ({ ...amount, words: wordsOf(amount) });

function wordsOf({ cap, used, limit }: Amount): string {
  switch (cap) {
    case 'tokens':
      return `${formatTokens(used)} of ${formatTokens(limit)} tokens`;
    case 'usd':
      return `${formatUsd(used)} of ${formatUsd(limit)}`;
    case 'wall':
      return `${formatDuration(used)} of ${formatDuration(limit)}`;
    case 'passes':
      return `${used} of ${limit} passes`;
    case 'day-tokens':
      return `the fleet's day: ${formatTokens(used)} of ${formatTokens(limit)} tokens`;
    case 'day-usd':
      return `the fleet's day: ${formatUsd(used)} of ${formatUsd(limit)}`;
  }
}

/** The first cap that forbids another response; null when there is room. Passes are checked where a pass ends, not here. */
export function over(fleet: FleetState, run: RunState, now: number): CapUse | null {
  const hit = amounts(fleet, run, now).find((use) => use.cap !== 'passes' && use.used >= use.limit);
  return hit ? inWords(hit) : null;
}

/** Caps of which a new warning share was reached; passes and the fleet's day are not warned of. */
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
        : [{ cap: use.cap, share, words: wordsOf(use) }];
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
