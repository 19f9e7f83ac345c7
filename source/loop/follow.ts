/** What a green run starts by `on-success.then`: each loop once, and none that the run itself came of. */
import { type Given, startRun } from './answer.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import type { Look } from './schedule/fire.ts';
import { outcomeOf } from './schedule/fold-beats.ts';
import type { FleetState, RunState } from './state.ts';
import { startFound } from './triage/discovery.ts';
import { foundWords } from './triage/words.ts';

/** What its green end calls for; asked again after a crash, it is the same until each loop is answered for. */
export const toFollow = (run: RunState): readonly Effect[] =>
  outcomeOf(run) !== 'success'
    ? []
    : run.definition.followedBy
        .filter((loop) => !run.followed.includes(loop))
        .map((loop): Effect => ({ do: 'follow', key: `follow:${run.id}:${loop}`, run: run.id, loop }));

/**
 * The run that `loop` begins after `id`, or why there is none, in one batch with the note that this is settled; nothing when it is.
 * @param look what the `discover` of `loop` came to; null when it has none: then the run is its item
 */
export function follow(
  fleet: FleetState,
  id: RunState['id'],
  loop: string,
  given: Omit<Given, 'by'>,
  look: Look | null,
): readonly Event[] {
  const run = fleet.runs[id];
  if (run === undefined || !toFollow(run).some((effect) => effect.do === 'follow' && effect.loop === loop)) return [];
  const settled = (to: RunState['id'] | null, why: string): Event => ({ type: 'followed', run: id, loop, to, why });
  const none = (why: string): readonly Event[] => [settled(null, why)];
  if (comesOf(fleet, run, loop)) return none(`${id} itself came of ${loop}: it would go round for ever`);
  if (look !== null && 'failed' in look) return none(`cannot look for work: ${look.failed}`);
  const by = { ...given, by: `after ${id}` };
  const item = { loop: run.loop, run: id, outcome: 'success', branch: run.branch, commit: run.commit, item: run.item };
  const answer =
    look === null
      ? startRun(fleet, { do: 'run', loop, item }, by, run.trust)
      : startFound(fleet, { do: 'run', loop }, look.found, by);
  if ('refused' in answer) return none(answer.refused);
  const events = answer.events.map((event): Event => (event.type === 'run-queued' ? { ...event, follows: id } : event));
  const quiet = events.flatMap((event) => (event.type === 'discovered' ? [foundWords(event)] : []));
  return [...events, settled(answer.run, answer.run === null ? quiet.join('; ') : '')];
}

/** Whether the run, or one that it came of, is of this loop. */
function comesOf(fleet: FleetState, run: RunState, loop: string): boolean {
  const seen = new Set<string>();
  for (let each: RunState | undefined = run; each !== undefined && !seen.has(each.id); ) {
    if (each.loop === loop) return true;
    seen.add(each.id);
    each = each.follows === null ? undefined : fleet.runs[each.follows];
  }
  return false;
}
