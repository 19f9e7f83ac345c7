/** What one event makes of the fleet's heartbeats. Total: an event about a loop without one changes nothing. */
import { createHash } from 'node:crypto';
import type { AfterOutcome, LoopDefinition } from '../definition/definition.ts';
import type { BeatEvent, Event } from '../event.ts';
import type { FanState, FleetState, ItemState, LoopState, RunState } from '../state.ts';
import { armed, type BeatState, renewed, rewound, settle, settledUntil, WAITING_MOST } from './beat.ts';
import { mayBeat } from './pulse.ts';

type Beats = FleetState['beats'];

export function foldBeat(beats: Beats, event: BeatEvent, at: number): Beats {
  const beat = beats[event.loop];
  if (beat === undefined) return beats;
  const after = foldOne(beat, event, at);
  return after === beat ? beats : { ...beats, [event.loop]: after };
}

function foldOne(beat: BeatState, event: BeatEvent, at: number): BeatState {
  switch (event.type) {
    case 'fired': {
      const { key, trigger, item } = event;
      const clocked = trigger === 'every' || trigger === 'cron';
      const again =
        beat.firings.some((firing) => firing.key === key) || (clocked && settledUntil(beat, event.at) !== null);
      if (again || beat.firings.length >= WAITING_MOST) return beat;
      const firing = { key, trigger, at: event.at, item, checked: false };
      return dealtWith({ ...beat, firings: [...beat.firings, firing] }, event);
    }
    case 'skipped': {
      const firings = beat.firings.filter((firing) => firing.key !== event.key);
      return dealtWith({ ...beat, firings, skipped: { at, why: event.why } }, event);
    }
    case 'skip-checked':
      return {
        ...beat,
        firings: beat.firings.map((firing) => (firing.key === event.key ? { ...firing, checked: true } : firing)),
      };
    case 'renewed':
      return renewed(beat, at);
    case 'expired-soon':
      return beat.told === 'nothing' ? { ...beat, told: 'soon' } : beat;
    case 'expired':
      return { ...beat, told: 'expired', firings: [], ends: [] };
    case 'troubled':
      return { ...beat, trouble: event.why };
  }
}

/** Its instant, or the end that caused it, will not cause another. */
function dealtWith(beat: BeatState, event: Extract<BeatEvent, { type: 'fired' | 'skipped' }>): BeatState {
  switch (event.trigger) {
    case 'every':
    case 'cron':
      return settle(beat, event.at, event.missed);
    case 'after':
      return { ...beat, ends: beat.ends.filter(({ run }) => afterKey(run) !== event.key) };
    case 'watch':
    case 'event':
      return beat;
  }
}

export const afterKey = (run: string): string => `after:${run}`;

/** Heartbeats remembered of loops that are gone: a branch without loops/ is left again. */
const GONE_KEPT = 100;

/** A loop file was read: it is armed when it newly may beat, or says something else than what was armed. */
export function afterReading(fleet: FleetState, before: LoopState | undefined, loop: LoopState, at: number): Beats {
  const { beats } = fleet;
  const beat = beats[loop.name];
  if (!mayBeat(loop)) return beat === undefined ? beats : { ...beats, [loop.name]: { ...beat, firings: [], ends: [] } };
  const of = digest(loop.definition);
  const went = before !== undefined && mayBeat(before);
  if (went && beat?.of === of) return beats;
  return bounded({ ...beats, [loop.name]: armed(beat, of, loop.definition.on, at) }, fleet.loops);
}

const digest = (definition: LoopDefinition): string =>
  createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 16);

function bounded(beats: Beats, loops: FleetState['loops']): Beats {
  const gone = Object.keys(beats).filter((name) => loops[name] === undefined);
  if (gone.length <= GONE_KEPT) return beats;
  const oldest = new Set(
    gone.sort((a, b) => (beats[a]?.armedAt ?? 0) - (beats[b]?.armedAt ?? 0)).slice(0, gone.length - GONE_KEPT),
  );
  return Object.fromEntries(Object.entries(beats).filter(([name]) => !oldest.has(name)));
}

/** A run was queued: its firing, if one led to it, has had its effect. */
export function afterQueueing(beats: Beats, loop: string, firing: string | undefined, at: number): Beats {
  const beat = beats[loop];
  if (beat === undefined) return beats;
  return { ...beats, [loop]: { ...beat, firings: beat.firings.filter(({ key }) => key !== firing), ranAt: at } };
}

/** The clock shows `at` and may have shown more before. */
export const afterRewinding = (beats: Beats, at: number): Beats =>
  Object.values(beats).every(({ cursor }) => cursor <= at)
    ? beats
    : Object.fromEntries(Object.entries(beats).map(([name, beat]) => [name, rewound(beat, at)]));

/** A run reached its end, or the review, which is a success already: loops that come after it hear of it once. */
export function afterRun(fleet: FleetState, before: RunState, run: RunState, at: number): Beats {
  const outcome = outcomeOf(run);
  // Of a fan, its end is what others come after.
  if (outcome === null || outcomeOf(before) !== null || run.fan !== null) return fleet.beats;
  const item = { loop: run.loop, run: run.id, outcome, branch: run.branch, commit: run.commit };
  return withEnd(fleet, run.loop, { run: run.id, at, item }, (_name, wanted) => answers(wanted, outcome));
}

/** All items of a fan have come to their end: one end for all of them, a failure when any has failed. */
export function afterFan(fleet: FleetState, { id, loop, items }: FanState, at: number): Beats {
  const count = (...states: readonly ItemState[]): number => items.filter(({ state }) => states.includes(state)).length;
  const [done, failed] = [count('green', 'landed'), count('failed')];
  const outcome: Outcome = failed > 0 ? 'failure' : done > 0 ? 'success' : 'ended';
  const item = { loop, fan: id, outcome, green: done, failed, skipped: count('skipped') };
  return withEnd(fleet, loop, { run: id, at, item }, (_name, wanted) => answers(wanted, outcome));
}

/**
 * A hit was promoted, which counts as an end of the loop that found it. The run that takes the hit is the firing of its own loop: that
 * one does not hear of it once more.
 */
export function afterPromotion(fleet: FleetState, event: Extract<Event, { type: 'hit-promoted' }>, at: number): Beats {
  const hit = Object.hasOwn(fleet.hits, event.hit) ? fleet.hits[event.hit] : undefined;
  if (hit === undefined || hit.promotedTo === event.to) return fleet.beats;
  // Names of ours only: what the hit says others wrote, and its run has it.
  const item = { loop: hit.loop, run: hit.run, outcome: 'promoted', hit: hit.id, to: event.to };
  const hears = (name: string, wanted: AfterOutcome) => wanted === 'promoted' && name !== event.loop;
  return withEnd(fleet, hit.loop, { run: event.to, at, item }, hears);
}

/** Tells it to all that come after `loop` and want to hear of it. */
function withEnd(
  fleet: FleetState,
  loop: string,
  end: BeatState['ends'][number],
  hears: (name: string, wanted: AfterOutcome) => boolean,
): Beats {
  const heard = Object.entries(fleet.beats).flatMap(([name, beat]): [string, BeatState][] => {
    const listener = fleet.loops[name];
    if (listener === undefined || !mayBeat(listener) || beat.told === 'expired') return [];
    const { after } = listener.definition.on;
    if (after?.loop !== loop || !hears(name, after.outcome) || beat.ends.length >= WAITING_MOST) return [];
    return [[name, { ...beat, ends: [...beat.ends, end] }]];
  });
  return heard.length === 0 ? fleet.beats : { ...fleet.beats, ...Object.fromEntries(heard) };
}

type Outcome = 'success' | 'failure' | 'ended';

const answers = (wanted: AfterOutcome, outcome: Outcome): boolean => wanted === 'any' || wanted === outcome;

/** Null while it is open. Killed or discarded by a person is neither a success nor a failure. */
export function outcomeOf({ status }: RunState): Outcome | null {
  if (status.tag === 'open') return status.phase === 'review' ? 'success' : null;
  switch (status.end.kind) {
    case 'landed':
    case 'triaged':
      return 'success';
    case 'exhausted':
    case 'failed':
    case 'lost':
      return 'failure';
    case 'killed':
    case 'discarded':
      return 'ended';
  }
}
