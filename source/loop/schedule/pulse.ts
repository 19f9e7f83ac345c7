/** Whether a loop's heart beats, when next, and if not, why: what `decide`, `ls`, `status` and the pane all ask. */
import type { LoopDefinition } from '../definition/definition.ts';
import type { FleetState, LoopState } from '../state.ts';
import { formatDuration } from '../units.ts';
import { type BeatState, hasHeartbeat, settledUntil } from './beat.ts';
import { dueAt, type Instant, nextInstant, type Timetable } from './instants.ts';

/** An armed heart of a loop that may run. */
export interface Heart {
  readonly name: string;
  readonly definition: LoopDefinition;
  readonly beat: BeatState;
}

export type Pulse =
  /** Only the operator starts it. */
  | { readonly is: 'by-hand' }
  /** It would beat, but not as things are. `why` says what to do. */
  | { readonly is: 'off'; readonly why: string }
  | { readonly is: 'on'; readonly heart: Heart; readonly next: Next | null; readonly expiresAt: number };

export interface Next extends Instant {
  /** With its jitter. */
  readonly dueAt: number;
}

const DAY_MS = 86_400_000;
/** A trigger that lives for less than a week is warned of in the last seventh of its life. */
const LAST_PART = 7;

export const expiresAt = ({ beat, definition }: Heart): number => beat.armedAt + definition.on.expiresMs;

/** From when on the operator is warned of its end, ms since 1970. */
export const warnsAt = (heart: Heart): number =>
  expiresAt(heart) - Math.min(DAY_MS, heart.definition.on.expiresMs / LAST_PART);

/** Once told, it stays so: a clock that was set back wakes no trigger that has ended. */
export const isExpired = (heart: Heart, now: number): boolean =>
  heart.beat.told === 'expired' || now >= expiresAt(heart);

/** A loop file whose trigger may fire: sound, trusted and switched on. */
export const mayBeat = (loop: LoopState): loop is LoopState & { readonly definition: LoopDefinition } =>
  loop.trusted && loop.definition?.enabled === true && hasHeartbeat(loop.definition.on);

export function heartOf(fleet: FleetState, name: string): Heart | null {
  const loop = fleet.loops[name];
  const beat = fleet.beats[name];
  return loop === undefined || beat === undefined || !mayBeat(loop)
    ? null
    : { name, definition: loop.definition, beat };
}

export function pulse(fleet: FleetState, name: string, now: number): Pulse {
  const loop = fleet.loops[name];
  if (loop === undefined) return { is: 'by-hand' };
  const known = fleet.beats[name] !== undefined;
  if (loop.definition === null) return known ? off('its file cannot run: looptop check') : { is: 'by-hand' };
  if (!hasHeartbeat(loop.definition.on)) return { is: 'by-hand' };
  if (!loop.trusted) return off('not trusted: looptop trust');
  if (!loop.definition.enabled) return off('switched off (enabled: false)');
  const heart = heartOf(fleet, name);
  if (heart === null) return off('not armed yet');
  if (isExpired(heart, now))
    return off(`expired after ${formatDuration(heart.definition.on.expiresMs)}: looptop renew ${name}`);
  const { on } = heart.definition;
  const next = nextOf(fleet, heart);
  const listens = on.watch !== null || on.event !== null || on.after !== null;
  if (next === null && !listens) return off('no firing falls into its active hours');
  return { is: 'on', heart, next, expiresAt: expiresAt(heart) };
}

const off = (why: string): Pulse => ({ is: 'off', why });

/** Whether a supervisor that ends would keep something from starting. */
export const someBeat = (fleet: FleetState, now: number): boolean =>
  Object.keys(fleet.beats).some((name) => pulse(fleet, name, now).is === 'on');

export const timetableOf = (fleet: FleetState, { definition, beat }: Heart): Timetable => ({
  on: definition.on,
  zone: definition.on.timezone ?? fleet.timezone,
  anchor: beat.grid.anchor,
});

/** What the answer depends on, and the answer. */
interface Known extends Pick<BeatState, 'cursor' | 'settled' | 'grid'> {
  readonly zone: string;
  readonly next: Next | null;
}

/** Asked of every loop at every change of the fleet; the calendar takes a tenth of a millisecond for an answer. */
const known = new WeakMap<LoopDefinition, Known>();

/** The first instant that is not settled, due or not; null when there is none. */
export function nextOf(fleet: FleetState, heart: Heart): Next | null {
  const { beat, definition } = heart;
  const { cursor, settled, grid } = beat;
  const table = timetableOf(fleet, heart);
  const { zone } = table;
  const last = known.get(definition);
  if (last?.cursor === cursor && last.settled === settled && last.grid === grid && last.zone === zone) return last.next;
  const first = firstUnsettled(table, beat);
  const next = first === null ? null : { ...first, dueAt: dueAt(heart.name, table, first) };
  known.set(definition, { cursor, settled, grid, zone, next });
  return next;
}

function firstUnsettled(table: Timetable, beat: BeatState): Instant | null {
  let instant = nextInstant(table, beat.cursor);
  for (;;) {
    const until = instant === null ? null : settledUntil(beat, instant.at);
    if (until === null) return instant;
    instant = nextInstant(table, until);
  }
}
