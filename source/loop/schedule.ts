/** What heartbeats call for: firings that are due, checks before them, runs to end before them, and what has to listen all the while. */
import type { Decision, Effect } from './effect.ts';
import type { BeatEvent, Event } from './event.ts';
import { type Firing, WAITING_MOST } from './schedule/beat.ts';
import { dueInstant } from './schedule/due.ts';
import { afterKey } from './schedule/fold-beats.ts';
import { expiresAt, type Heart, heartOf, isExpired, nextOf, warnsAt } from './schedule/pulse.ts';
import { verdictOn } from './schedule/verdict.ts';
import { localDay } from './schedule/zone.ts';
import type { FleetState } from './state.ts';

const NOTHING: Decision = { effects: [], wakeAt: null };

/** Level-triggered, like `decide`: a firing leads to exactly one run or one reason for none, however often it is asked. */
export function heartbeats(fleet: FleetState, now: number): Decision {
  // Nothing could be written down, or will not be carried out: what is due then is late, and caught up with as the file says.
  if (fleet.closing || fleet.disk === 'full') return NOTHING;
  const wakes: number[] = [];
  const effects: Effect[] = [];
  for (const name of Object.keys(fleet.beats)) {
    const heart = heartOf(fleet, name);
    if (heart === null) continue;
    const decision = forHeart(fleet, heart, now);
    effects.push(...decision.effects);
    if (decision.wakeAt !== null) wakes.push(decision.wakeAt);
  }
  return { effects, wakeAt: wakes.length === 0 ? null : Math.min(...wakes) };
}

function forHeart(fleet: FleetState, heart: Heart, now: number): Decision {
  const { beat } = heart;
  if (isExpired(heart, now)) {
    if (beat.told === 'expired') return NOTHING;
    return { effects: [record(heart, 'expired', { type: 'expired', loop: heart.name })], wakeAt: null };
  }
  const end = expiresAt(heart);
  const warned = beat.told === 'nothing' && now >= warnsAt(heart);
  const effects = [
    ...(warned ? [record(heart, 'expired-soon', { type: 'expired-soon', loop: heart.name, at: end })] : []),
    ...listening(heart),
    ...firing(fleet, heart, now),
  ];
  // One after the other: while a firing is under way, the clock's next one waits.
  const next = beat.firings.length === 0 ? nextOf(fleet, heart)?.dueAt : undefined;
  const wakes = [end, ...(beat.told === 'nothing' ? [warnsAt(heart)] : []), next ?? end];
  return { effects, wakeAt: Math.min(...wakes.filter((at) => at > now)) };
}

/** Carried out for as long as the loop is as it is; another definition has another key. */
function listening({ name, definition, beat }: Heart): Effect[] {
  const { watch, event } = definition.on;
  return [
    ...(watch === null ? [] : [{ do: 'watch', key: `watch:${name}:${beat.of}`, run: null, loop: name } as const]),
    ...(event === null ? [] : [{ do: 'listen', key: `listen:${name}:${beat.of}`, run: null, loop: name } as const]),
  ];
}

function firing(fleet: FleetState, heart: Heart, now: number): Effect[] {
  const { name, beat } = heart;
  const [first] = beat.firings;
  const due = dueInstant(fleet, heart, now);
  if (first === undefined && beat.ends.length === 0 && due === null) return [];
  // The caps of yesterday say nothing of today, and nobody may have said yet that it is another day.
  if (localDay(fleet.timezone, now) > fleet.today) return [newDay(fleet)];
  if (first !== undefined) return underWay(fleet, heart, first, now);
  const [end] = beat.ends;
  if (end !== undefined) {
    const { run, at, item } = end;
    const fired: BeatEvent = {
      type: 'fired',
      loop: name,
      trigger: 'after',
      key: afterKey(run),
      at,
      missed: false,
      item,
    };
    return [record(heart, fired.key, fired)];
  }
  if (due === null) return [];
  const { trigger, at, others: missed } = due;
  const key = `${trigger}:${at}`;
  const about = { loop: name, trigger, key, at, missed };
  if (due.late && heart.definition.on.catchUp === 'none')
    return [record(heart, key, { type: 'skipped', ...about, missed: true, why: 'missed: nobody was awake' })];
  const verdict = verdictOn(fleet, heart, { trigger, item: null }, now);
  return [
    record(
      heart,
      key,
      verdict.do === 'skip' ? { type: 'skipped', ...about, why: verdict.why } : { type: 'fired', ...about, item: null },
    ),
  ];
}

const newDay = ({ today }: FleetState): Effect => ({
  do: 'record',
  key: `record:day-after:${today}`,
  run: null,
  events: [{ type: 'day-began' }],
});

/** From a firing to its run: nothing may speak against it, `skip-if` must let it pass, and who is replaced must be gone. */
function underWay(fleet: FleetState, heart: Heart, firing: Firing, now: number): Effect[] {
  const { name, definition } = heart;
  const { key } = firing;
  const verdict = verdictOn(fleet, heart, firing, now);
  if (verdict.do === 'skip') return [record(heart, key, skipped(name, firing, verdict.why))];
  if (definition.on.skipIf !== null && !firing.checked)
    return [{ do: 'skip-check', key: `skip-check:${name}:${key}`, run: null, loop: name, firing: key }];
  if (verdict.do === 'run') return [{ do: 'fire', key: `fire:${name}:${key}`, run: null, loop: name, firing: key }];
  return verdict.runs
    .filter((run) => run.kill === null)
    .map((run): Effect => {
      const ends: Event = { type: 'kill-asked', run: run.id, by: `the next firing (${firing.trigger})` };
      return { do: 'record', key: `record:${run.id}:replaced`, run: run.id, events: [ends] };
    });
}

/** The event that ends a firing without a run. */
export const skipped = (loop: string, { trigger, key, at }: Firing, why: string): BeatEvent => ({
  type: 'skipped',
  loop,
  trigger,
  key,
  at,
  missed: false,
  why,
});

/** What a watcher or a listener has heard, as the event to record; a reason why not when too much waits already. */
export function heard(fleet: FleetState, loop: string, firing: Omit<Firing, 'checked'>): BeatEvent[] {
  const heart = heartOf(fleet, loop);
  if (heart === null) return [];
  const { firings } = heart.beat;
  // A change seen while the last one has not been acted on says nothing new.
  if (firing.trigger === 'watch' && firings.some(({ trigger }) => trigger === 'watch')) return [];
  const { key, trigger, at, item } = firing;
  if (firings.length >= WAITING_MOST)
    return [skipped(loop, { ...firing, checked: false }, `${firings.length} firings wait already`)];
  return [{ type: 'fired', loop, trigger, key, at, missed: false, item }];
}

const record = ({ name }: Heart, what: string, event: BeatEvent): Effect => ({
  do: 'record',
  key: `record:beat:${name}:${what}`,
  run: null,
  events: [event],
});
