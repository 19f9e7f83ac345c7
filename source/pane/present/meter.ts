/** A run's meter as text: bar, tokens, money, time, and how surely each number is known. */
import type { Provenance, RunState, Spend } from '../../loop/state.ts';
import { fresh } from '../../loop/tokens.ts';
import { formatDuration, formatTokens, formatUsd } from '../../loop/units.ts';
import { type Line, type Look, span } from './span.ts';

/** From these shares of a cap on, the bar warns (as the loop's own `warn-at` does by default) and alarms. */
const WARN = 0.8;
const ALARM = 1;

/** Fresh tokens of the run so far. */
export const freshOf = (run: RunState): number => fresh(run.meter.total.tokens);

/** A bar of `length` cells, full at `share` = 1. Something spent always shows, and it is only full at the cap. */
export function bar(share: number, length: number): Line {
  if (length <= 0) return [];
  const bounded = Math.min(1, Math.max(0, share));
  const exact = bounded * length;
  const full = bounded >= 1 ? length : Math.min(length - 1, bounded > 0 ? Math.max(1, Math.round(exact)) : 0);
  const look: Look = bounded >= ALARM ? 'bad' : bounded >= WARN ? 'warn' : 'good';
  return [span('█'.repeat(full), look), span('░'.repeat(length - full), 'faint')];
}

/** `$1.84`, or `unpriced` when no price is known for some of it: never a guess. */
export const usd = (spend: Spend): string => (spend.unpriced ? 'unpriced' : formatUsd(spend.usd));

/** Money in a column, without the sign: `1.84`. */
export const usdColumn = (spend: Spend): string => (spend.unpriced ? 'unpriced' : formatUsd(spend.usd).slice(1));

/** Mark in front of a number by how it is known: nothing when the provider said it. */
export const PROVENANCE_MARK: Readonly<Record<Provenance, string>> = {
  exact: '',
  live: '~',
  estimated: '≈',
  unknown: '?',
};

export const PROVENANCE_WORD: Readonly<Record<Provenance, string>> = {
  exact: 'exact',
  live: 'live ~',
  estimated: 'estimated ≈',
  unknown: 'unknown ?',
};

/** Time in which the run was open and not held, ms. */
export const wallMs = (run: RunState, now: number): number =>
  run.wall.ms + (run.wall.since === null ? 0 : Math.max(0, now - run.wall.since));

/** `18m`; a dot before the run has begun. */
export function timeWords(run: RunState, now: number): string {
  const ms = wallMs(run, now);
  return ms === 0 ? '·' : formatDuration(ms);
}

/** `████░░░░  ~212k / 600k   $1.84   18m`, in at most `room` cells; parts go from the bar first, numbers last. */
export function meterLine(run: RunState, now: number, room: number): Line {
  const used = freshOf(run);
  const share = run.budget.tokens > 0 ? used / run.budget.tokens : 1;
  // Nothing spent is nothing to be unsure of.
  const mark = used === 0 ? '' : PROVENANCE_MARK[run.provenance];
  const tokens = `${(mark + formatTokens(used)).padStart(5)} / ${formatTokens(run.budget.tokens)}`;
  const percent = share >= WARN ? ` ${Math.floor(share * 100)}%` : '';
  const money = usd(run.meter.total).padStart(7);
  const time = timeWords(run, now).padStart(5);
  const length = Math.min(20, room - tokens.length - percent.length - money.length - time.length - 4);
  const head: Line = length >= 4 ? [...bar(share, length), span(' ')] : [];
  const numbers: Line = [span(tokens), span(percent, share >= ALARM ? 'bad' : 'warn')];
  const end: Line = [span(' '), span(money), span(' '), span(time, 'faint')];
  return [...head, ...numbers, ...end];
}
