/** Makes the run of a firing, or the runs of what was found at it. Asked of the state in which it will be recorded, so one firing has its effect once, whatever crashed on the way. */
import { type Answer, type Given, startRun } from '../answer.ts';
import type { Refusal } from '../command.ts';
import type { Discovery, Trust } from '../definition/definition.ts';
import type { Event } from '../event.ts';
import { skipped } from '../schedule.ts';
import type { FleetState } from '../state.ts';
import { sanitize } from '../text.ts';
import { discovers, type Found, startFound } from '../triage/discovery.ts';
import { foundWords } from '../triage/words.ts';
import type { Firing } from './beat.ts';
import { heartOf } from './pulse.ts';
import { verdictOn } from './verdict.ts';

/** What a loop's `discover` came to: items, or why there are none. */
export type Look = { readonly found: Found } | { readonly failed: string };

/** What the firing `key` of `loop` has to look for before it can become a run; null when that is nothing, or it will become none. */
export function looksFor(fleet: FleetState, loop: string, key: string, now: number): Discovery | null {
  const turn = turnOf(fleet, loop, key, now);
  return turn !== null && 'firing' in turn ? (discovers(fleet, loop)?.discover ?? null) : null;
}

/**
 * The events that settle the firing `key` of `loop`; none when it is settled already or not its turn. `look`: what its `discover`
 * came to, null when nobody looked. The firing says when, and where a loop has a `discover`, that alone says at what.
 */
export function fire(
  fleet: FleetState,
  loop: string,
  key: string,
  given: Omit<Given, 'by'>,
  look: Look | null = null,
): readonly Event[] {
  const turn = turnOf(fleet, loop, key, given.now);
  if (turn === null) return [];
  if ('skip' in turn) return turn.skip;
  const { firing } = turn;
  const by = { ...given, by: firing.trigger };
  if (discovers(fleet, loop) === null)
    return settling(loop, firing, startRun(fleet, { do: 'run', loop, item: firing.item }, by, trustIn(firing)));
  // Its file has come to name a `discover` only now: it is asked again, and looks.
  if (look === null) return [];
  if ('failed' in look) {
    const why = sanitize(look.failed);
    return [{ type: 'discovery-failed', loop, why }, skipped(loop, firing, `cannot look for work: ${why}`)];
  }
  return settling(loop, firing, startFound(fleet, { do: 'run', loop }, look.found, by));
}

type Turn = { readonly firing: Firing } | { readonly skip: readonly Event[] };

/** Null: settled, or it has to wait. Since it was decided, the loop may have become busy or a cap may have been reached. */
function turnOf(fleet: FleetState, loop: string, key: string, now: number): Turn | null {
  const heart = heartOf(fleet, loop);
  const firing = heart?.beat.firings[0];
  if (heart === null || firing === undefined || firing.key !== key || fleet.closing) return null;
  const verdict = verdictOn(fleet, heart, firing, now);
  if (verdict.do === 'skip') return { skip: [skipped(loop, firing, verdict.why)] };
  return verdict.do === 'replace' ? null : { firing };
}

/** Where no run came of it, that it is skipped, and why. */
function settling(loop: string, firing: Firing, answer: Answer | Refusal): readonly Event[] {
  if ('refused' in answer) return [skipped(loop, firing, answer.refused)];
  const events = answer.events.map((event) =>
    event.type === 'run-queued' || event.type === 'fanned-out' ? { ...event, firing: firing.key } : event,
  );
  if (answer.run !== null || answer.fan !== undefined) return events;
  return [
    ...events,
    ...events.flatMap((each) => (each.type === 'discovered' ? [skipped(loop, firing, foundWords(each))] : [])),
  ];
}

/** What a command of `on.event` prints others wrote, whoever wrote the command. */
const trustIn = ({ trigger }: Firing): Trust => (trigger === 'event' ? 'untrusted' : 'trusted');
