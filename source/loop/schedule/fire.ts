/** Makes the run of a firing. Asked of the state in which it will be recorded, so one firing makes one run, whatever crashed on the way. */
import { type Given, startRun } from '../answer.ts';
import type { Event } from '../event.ts';
import { skipped } from '../schedule.ts';
import type { FleetState } from '../state.ts';
import { heartOf } from './pulse.ts';
import { verdictOn } from './verdict.ts';

/** The events that settle the firing `key` of `loop`; none when it is settled already or not its turn. */
export function fire(fleet: FleetState, loop: string, key: string, given: Omit<Given, 'by'>): readonly Event[] {
  const heart = heartOf(fleet, loop);
  const firing = heart?.beat.firings[0];
  if (heart === null || firing === undefined || firing.key !== key || fleet.closing) return [];
  // Since it was decided, the loop may have become busy or a cap may have been reached.
  const verdict = verdictOn(fleet, heart, firing, given.now);
  if (verdict.do === 'skip') return [skipped(loop, firing, verdict.why)];
  if (verdict.do === 'replace') return [];
  const { item, trigger } = firing;
  const answer = startRun(fleet, { do: 'run', loop, item }, { ...given, by: trigger });
  if ('refused' in answer) return [skipped(loop, firing, answer.refused)];
  return answer.events.map((event) => (event.type === 'run-queued' ? { ...event, firing: key } : event));
}
