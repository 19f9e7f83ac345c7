/** What speaks against a firing now. A firing that is not wanted is skipped with its reason; it is never put off. */
import { closedFor } from '../budget.ts';
import type { FleetState, RunState } from '../state.ts';
import { formatDuration } from '../units.ts';
import { isActiveAt } from './active.ts';
import type { Trigger } from './beat.ts';
import { roomFor } from './busy.ts';
import type { Heart } from './pulse.ts';

export type Verdict =
  | { readonly do: 'run' }
  | { readonly do: 'skip'; readonly why: string }
  /** First end these. */
  | { readonly do: 'replace'; readonly runs: readonly RunState[] };

/** `now` in ms since 1970. */
export function verdictOn(
  fleet: FleetState,
  { name, definition, beat }: Heart,
  firing: { readonly trigger: Trigger; readonly item: unknown },
  now: number,
): Verdict {
  const { on } = definition;
  const clocked = firing.trigger === 'every' || firing.trigger === 'cron';
  if (!clocked && on.active !== null && !isActiveAt(on.active, on.timezone ?? fleet.timezone, now))
    return skip(`outside of its hours, ${on.active.text}`);
  const since = now - (beat.ranAt ?? Number.NEGATIVE_INFINITY);
  // A clock that was set back must not hold it up.
  if (since >= 0 && since < on.cooldownMs)
    return skip(`cools down for ${formatDuration(on.cooldownMs)}, started ${formatDuration(since)} ago`);
  const cap = closedFor(fleet, { loop: name, definition }, now);
  if (cap !== null) return skip(`no room under the cap: ${cap.words}`);
  const room = roomFor(fleet, name, definition, firing);
  if (room.is === 'taken') return skip(room.why);
  return room.is === 'held' ? { do: 'replace', runs: room.by } : { do: 'run' };
}

const skip = (why: string): Verdict => ({ do: 'skip', why });
