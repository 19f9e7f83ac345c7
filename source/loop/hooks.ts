/**
 * Which commands of the operator's are to be run: one for each thing that happens and has a hook. A call is queued in the very event that
 * brings it about and leaves the queue when its command has ended. So none is lost in a crash; one that a crash cut short runs again, under
 * the same id (at least once), for a person who is called twice is better off than one who is not called.
 */
import type { Effect } from './effect.ts';
import { isRunEvent, type Stamped } from './event.ts';
import { newlyOccurred } from './occurrence.ts';
import type { FleetState, HookCall } from './state.ts';

/** More than this waits only where a hook hangs, at up to half a minute each: the oldest are then no news any more. */
const CALLS_KEPT = 100;

/** The state after `stamped`, with a call for each hook that it sets off. */
export function withHookCalls(before: FleetState, after: FleetState, { seq, at, event }: Stamped): FleetState {
  const { hooks } = after.settings;
  if (hooks.length === 0 || after === before) return after;
  const calls = newlyOccurred(before, after, isRunEvent(event) ? event.run : null, at)
    .filter(({ happening }) => hooks.includes(happening))
    .map(({ happening, run, hit, fan, words, verb }, index): HookCall => {
      return { id: `${seq}.${index + 1}`, happening, at, run, hit, fan, words, verb };
    });
  return calls.length === 0 ? after : { ...after, hookCalls: [...after.hookCalls, ...calls].slice(-CALLS_KEPT) };
}

export const withoutHookCall = (fleet: FleetState, call: string): FleetState => ({
  ...fleet,
  hookCalls: fleet.hookCalls.filter(({ id }) => id !== call),
});

/** One after the other, so that they are heard in the order in which things happened. */
export const hookEffects = ({ hookCalls: [next] }: FleetState): Effect[] =>
  next === undefined ? [] : [{ do: 'hook', key: `hook:${next.id}`, run: null, call: next.id }];
