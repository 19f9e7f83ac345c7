/**
 * What a person is called for: a need, or an outcome worth hearing of. One list for the bell, the desktop notification and the operator's
 * hooks, so that they cannot disagree. An occurrence keeps its id for as long as it lasts, and a new one gets a new id: to call once is to
 * compare ids.
 */
import { attention, needsOf } from './attention.ts';
import type { Notify } from './definition/definition.ts';
import { waitingFans } from './fanout/words.ts';
import type { FleetState, Happening, Hit, RunState } from './state.ts';
import { waitingHits } from './triage/promote.ts';
import type { RunId } from './units.ts';

export interface Occurrence {
  readonly id: string;
  readonly happening: Happening;
  readonly run: RunId | null;
  readonly hit: string | null;
  readonly fan: string | null;
  /** As agents and gates wrote it in parts: sanitise before drawing. */
  readonly words: string;
  /** The command line that answers it. */
  readonly verb: string;
  /** How the pane calls, as far as the operator lets it. */
  readonly how: Notify;
}

/** Everything that a person is, or was, to be called for at this moment. */
export const occurrences = (fleet: FleetState, now: number): readonly Occurrence[] => [
  ...Object.values(fleet.runs).flatMap(ofRun),
  ...waitingHits(fleet).map(ofHit),
  ...ofFans(fleet, now),
  ...ofDisk(fleet),
];

/** Those of `after` that were not there before, at `now` (ms since 1970); `run` is the one that the change was about, null when it was about none. */
export function newlyOccurred(
  before: FleetState,
  after: FleetState,
  run: string | null,
  now: number,
): readonly Occurrence[] {
  const was = run === null ? undefined : before.runs[run];
  const is = run === null ? undefined : after.runs[run];
  const found = (fleet: FleetState, one: RunState | undefined): readonly Occurrence[] => [
    ...(was === is || one === undefined ? [] : ofRun(one)),
    ...(before.hits === after.hits ? [] : waitingHits(fleet).map(ofHit)),
    ...(was === is && before.fans === after.fans && before.loops === after.loops ? [] : ofFans(fleet, now)),
    ...(before.disk === after.disk ? [] : ofDisk(fleet)),
  ];
  const present = found(after, is);
  if (present.length === 0) return present;
  const known = new Set(found(before, was).map(({ id }) => id));
  return present.filter(({ id }) => !known.has(id));
}

function ofRun(run: RunState): Occurrence[] {
  const { id, status, definition } = run;
  const made = (happening: Happening, key: string | number | null, how: Notify): Occurrence => {
    const { words, verb } = attention(run) ?? { words: happening, verb: `looptop show ${id}` };
    return { id: `${id} ${happening} ${key}`, happening, run: id, hit: null, fan: null, words, verb, how };
  };
  if (status.tag === 'open') {
    const needs = needsOf(run).map(({ words, verb, since }) => ({
      ...made('needs-you', since, fellShort(run) ? (definition.notify.failure ?? 'desktop') : 'desktop'),
      words,
      verb,
    }));
    return status.phase === 'review' ? [...needs, made('green', run.pass, definition.notify.success ?? 'none')] : needs;
  }
  switch (status.end.kind) {
    case 'landed':
      // It was green before, and is called for once.
      return [made('green', run.pass, definition.notify.success ?? 'none'), made('landed', status.at, 'none')];
    case 'exhausted':
    case 'failed':
    case 'lost':
      return [made('failed', status.at, definition.notify.failure ?? 'none')];
    default:
      return [];
  }
}

/** It stands still short of green: what `on-failure` is about, as much as an end. */
function fellShort({ status }: RunState): boolean {
  const hold = status.tag === 'open' ? status.hold : null;
  return hold?.kind === 'paused' && (hold.why === 'budget' || hold.why === 'stuck' || hold.why === 'agent');
}

const ofHit = ({ id, at, priority, reason }: Hit): Occurrence => ({
  id: `${id} needs-you ${at}`,
  happening: 'needs-you',
  run: null,
  hit: id,
  fan: null,
  words: `${priority} ${reason}`,
  verb: `looptop promote ${id}`,
  how: 'desktop',
});

/** A fan stands still for another reason after its pilot than at its cap. */
const ofFans = (fleet: FleetState, now: number): Occurrence[] =>
  waitingFans(fleet, now).map(({ fan, attention: { words, verb } }) => ({
    id: `${fan.id} needs-you ${verb} ${fan.pilotedAt} ${fan.released}`,
    happening: 'needs-you',
    run: null,
    hit: null,
    fan: fan.id,
    words: `${fan.loop}: ${words}`,
    verb,
    how: 'desktop',
  }));

const ofDisk = ({ disk }: FleetState): Occurrence[] =>
  disk === 'ok'
    ? []
    : [
        {
          id: 'disk needs-you',
          happening: 'needs-you',
          run: null,
          hit: null,
          fan: null,
          words: 'the disk is full: nothing starts until there is room again',
          verb: 'looptop doctor',
          how: 'desktop',
        },
      ];
