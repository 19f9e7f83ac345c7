/** A fan in words, the same in the pane, `ls`, `show` and the journal told line by line; and what of it needs a person. */
import type { Attention } from '../attention.ts';
import type { FanState, FleetState } from '../state.ts';
import { formatDuration, formatTokens, formatUsd } from '../units.ts';
import { type FanUse, fanUses } from './caps.ts';
import { mayBegin, openFans, type Tally, tally, waitsForRelease } from './fans.ts';

/** `7/20 · 2 failed`: how many of its items have come to an end. */
export function progressWords(fleet: Pick<FleetState, 'runs'>, fan: FanState): string {
  const { all, green, landed, failed, skipped } = tally(fleet, fan);
  const parts = [`${green + landed + failed + skipped}/${all}`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(' · ');
}

/** `12 green, 5 of them landed, 2 failed, 1 skipped`. */
export function outcomeWords({
  green,
  landed,
  failed,
  skipped,
}: Pick<Tally, 'green' | 'landed' | 'failed' | 'skipped'>): string {
  const onTarget = landed === 0 ? '' : landed > 0 && green === 0 ? ', all landed' : `, ${landed} of them landed`;
  const parts = [`${green + landed} green${onTarget}`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(', ');
}

/** What the fan is doing, beside its progress. As gates and agents wrote it in parts: sanitise before drawing. */
export function doingWords(fleet: FleetState, fan: FanState, now: number): string {
  const counts = tally(fleet, fan);
  if (fan.endedAt !== null) return `ended: ${outcomeWords(counts)}`;
  if (fan.stopped !== null) return `stopped: ${fan.stopped.why}; ${counts.running} still at work`;
  const needs = fanAttention(fleet, fan, now);
  if (needs !== null) return needs.words;
  const { running, waiting, green } = counts;
  const toLand = fan.rules.merge === 'queue' && green > 0 ? [`${green} to land`] : [];
  const pilot = fan.released ? [] : [`pilot of ${fan.rules.pilot}`];
  return [`${running} at work`, ...(waiting > 0 ? [`${waiting} waiting`] : []), ...toLand, ...pilot].join(', ');
}

/** The first of its caps that the fan has reached; null when it has room. */
export function capWords(fleet: Pick<FleetState, 'runs'>, fan: FanState, now: number): string | null {
  const use = fanUses(fleet, fan, now).find(({ used, limit }) => used >= limit);
  return use === undefined ? null : inWords(use);
}

function inWords({ cap, used, limit }: FanUse): string {
  switch (cap) {
    case 'fan-tokens':
      return `${formatTokens(used)} of ${formatTokens(limit)} tokens`;
    case 'fan-usd':
      return `${formatUsd(used)} of ${formatUsd(limit)}`;
    case 'fan-wall':
      return `${formatDuration(used)} of ${formatDuration(limit)}`;
    case 'fan-passes':
      return `${used} of ${limit} passes`;
  }
}

/** What the fan as a whole needs of a person; null when it can be left alone. What its runs need, they say themselves. */
export function fanAttention(fleet: FleetState, fan: FanState, now: number): Omit<Attention, 'since'> | null {
  const { waiting, green, landed, failed, skipped } = tally(fleet, fan);
  if (fan.endedAt !== null || waiting === 0) return null;
  if (waitsForRelease(fleet, fan)) {
    const others = waiting === 1 ? 'the last one begins' : `the other ${waiting} begin`;
    return {
      level: 'act',
      words: `pilot of ${fan.rules.pilot} is done, ${outcomeWords({ green, landed, failed, skipped })}: ${others} after looptop release ${fan.id}`,
      keys: [{ key: 'f', label: 'release' }],
    };
  }
  const cap = capWords(fleet, fan, now);
  if (cap !== null)
    return {
      level: 'act',
      words: `stopped at its cap, ${cap}: ${waiting} not begun; looptop budget ${fan.id} raises it`,
      keys: [],
    };
  if (mayBegin(fleet, fan)) return null;
  const file = fleet.loops[fan.loop];
  const why =
    file === undefined ? 'is gone' : file.trusted ? 'is switched off' : 'is not trusted as it is now: looptop trust';
  return { level: 'act', words: `${waiting} not begun: the file of ${fan.loop} ${why}`, keys: [] };
}

/** Fans that stand still until a person answers, the oldest first. */
export const waitingFans = (
  fleet: FleetState,
  now: number,
): readonly { readonly fan: FanState; readonly attention: Omit<Attention, 'since'> }[] =>
  openFans(fleet).flatMap((fan) => {
    const attention = fanAttention(fleet, fan, now);
    return attention === null ? [] : [{ fan, attention }];
  });
