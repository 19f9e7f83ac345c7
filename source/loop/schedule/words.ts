/** A heartbeat in words: what sets a loop off, when next, and what to know of it. The same in the pane, `ls`, `status` and `trust`. */
import type { Heartbeat } from '../definition/definition.ts';
import { openFans } from '../fanout/fans.ts';
import type { FleetState } from '../state.ts';
import { formatDuration } from '../units.ts';
import { type Next, type Pulse, pulse, warnsAt } from './pulse.ts';

/** What sets it off: `every 15m`, `cron 0 9 * * 1-5`, `changes of src/**`, `events`, `after triage`. */
export function triggerWords({ everyMs, cron, watch, event, after }: Heartbeat): string[] {
  return [
    ...(everyMs === null ? [] : [`every ${formatDuration(everyMs)}`]),
    ...(cron === null ? [] : [`cron ${cron}`]),
    ...(watch === null ? [] : [`changes of ${watch.paths.join(' ')}`]),
    ...(event === null ? [] : ['events']),
    ...(after === null ? [] : [`after ${after.loop}${after.outcome === 'any' ? '' : ` (${after.outcome})`}`]),
  ];
}

/** `next in 12m, every 15m`, and what the operator should know; or why it is off. As the loop file says it in parts: sanitise before drawing. */
export function pulseWords(fleet: FleetState, found: Exclude<Pulse, { is: 'by-hand' }>, now: number): string {
  if (found.is === 'off') return `off: ${found.why}`;
  const { heart, next } = found;
  const { beat, definition, name } = heart;
  const { after } = definition.on;
  const lost = after !== null && fleet.loops[after.loop] === undefined ? `there is no loop ${after.loop}` : null;
  const ending =
    now >= warnsAt(heart) ? `expires in ${formatDuration(found.expiresAt - now)}: looptop renew ${name}` : null;
  const notes = [
    beat.trouble,
    lost,
    ending,
    beat.skipped === null
      ? null
      : `skipped ${formatDuration(Math.max(0, now - beat.skipped.at))} ago: ${beat.skipped.why}`,
  ].filter((note) => note !== null);
  const when = next === null ? 'waits' : nextWords(next, now);
  const what = triggerWords(definition.on);
  return [`${when}, ${what.join(', ')}`, ...notes].join('; ');
}

/** `next in 12m`; `next now` in the last second. */
export function nextWords({ dueAt }: Pick<Next, 'dueAt'>, now: number): string {
  return dueAt - now < 1000 ? 'next now' : `next in ${formatDuration(dueAt - now)}`;
}

/** The loop that the clock starts next, and when; null when none is. */
export function soonest(fleet: FleetState, now: number): { readonly loop: string; readonly dueAt: number } | null {
  let first: { readonly loop: string; readonly dueAt: number } | null = null;
  for (const loop of Object.keys(fleet.beats)) {
    const found = pulse(fleet, loop, now);
    if (found.is !== 'on' || found.next === null) continue;
    const { dueAt } = found.next;
    if (first === null || dueAt < first.dueAt) first = { loop, dueAt };
  }
  return first;
}

export interface IdleLoop {
  readonly loop: string;
  readonly off: boolean;
  /** When it starts, or why not. Unsanitised. */
  readonly words: string;
}

/** Loops that start by themselves and have neither a fan nor an open run, but for one to read: those that fire first stand first, those that are off last. */
export function idleLoops(fleet: FleetState, now: number): IdleLoop[] {
  const busy = new Set([
    ...Object.values(fleet.runs).flatMap(({ status, loop }) =>
      status.tag === 'open' && status.phase !== 'review' ? [loop] : [],
    ),
    ...openFans(fleet).map(({ loop }) => loop),
  ]);
  const rank = (found: Pulse): number =>
    found.is === 'on' ? (found.next?.dueAt ?? Number.MAX_SAFE_INTEGER) : Number.POSITIVE_INFINITY;
  return Object.keys(fleet.loops)
    .filter((loop) => !busy.has(loop))
    .map((loop) => ({ loop, found: pulse(fleet, loop, now) }))
    .sort((a, b) => rank(a.found) - rank(b.found) || (a.loop < b.loop ? -1 : 1))
    .flatMap(({ loop, found }) =>
      found.is === 'by-hand'
        ? []
        : [{ loop, off: found.is === 'off', words: found.is === 'off' ? found.why : pulseWords(fleet, found, now) }],
    );
}
