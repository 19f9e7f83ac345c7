/** From a hit to the run of the loop that does the work: at the operator's word, or by itself where the loop's file says so. */
import { type Answer, type Given, startRun } from '../answer.ts';
import type { Command, Refusal } from '../command.ts';
import type { Effect } from '../effect.ts';
import type { Event } from '../event.ts';
import type { FleetState, Hit, LoopState } from '../state.ts';
import { ownItem } from './beside.ts';
import { AUTO } from './fold-triage.ts';
import { autoLeft, loopOf, marksOf, openHits } from './hits.ts';
import { packetOf } from './packet.ts';

export type HitCommand = Extract<Command, { do: 'promote' | 'dismiss' }>;

/** Turns a command about a hit into events or a refusal, as `answer` does for those about runs. */
export function answerHit(fleet: FleetState, command: HitCommand, given: Given): Answer | Refusal {
  const hit = Object.hasOwn(fleet.hits, command.hit) ? fleet.hits[command.hit] : undefined;
  if (hit === undefined) return refuse(`There is no hit ${command.hit}: see looptop hits --all.`, 2);
  if (command.do === 'dismiss') {
    if (hit.status !== 'open') return refuse(`${hit.id} is ${hit.status} already.`);
    const text = `${hit.id} is dismissed; found again it comes back only if it is more urgent.`;
    return { events: [{ type: 'hit-dismissed', hit: hit.id, by: given.by }], text, run: null };
  }
  return promote(fleet, hit, command.to ?? null, given);
}

function promote(fleet: FleetState, hit: Hit, to: string | null, given: Given): Answer | Refusal {
  // What was dismissed or has expired can still be taken up; what somebody works on cannot be taken up twice.
  if (hit.status === 'promoted') return refuse(`${hit.id} is promoted already: see looptop show ${hit.promotedTo}.`);
  const loop = targetOf(fleet, hit, to);
  if (loop === null) {
    const why = hit.suggests === 'human' ? 'is for a person' : `would go to ${hit.suggests}, which is no loop here`;
    const others = takers(fleet).map(({ name }) => name);
    const say = others.length === 0 ? 'write a loop that can take it' : `name a loop with --to: ${others.join(', ')}`;
    return refuse(`${hit.id} ${why}: ${say}.`, 2);
  }
  if (loopOf(fleet, loop)?.leads === 'triage')
    return refuse(`${loop} only triages: promote ${hit.id} to a loop that does the work.`, 2);
  const own = loop === hit.loop ? ownItem(hit) : null;
  // Its words rest on what other people wrote, whoever promotes it; a loop's own items are as its file says.
  const trust = own === null ? 'untrusted' : (loopOf(fleet, loop)?.discover?.trust ?? 'untrusted');
  const started = startRun(fleet, { do: 'run', loop, item: own ?? packetOf(fleet, hit, loop) }, given, trust);
  if ('refused' in started || started.run === null) return started;
  const promoted: Event = { type: 'hit-promoted', hit: hit.id, to: started.run, loop, by: given.by };
  return { events: [...started.events, promoted], text: `${hit.id} is promoted: ${started.text}`, run: started.run };
}

/** The loop that takes it: the one named, the one that the triage suggests, or that of `promote-to`; null when there is none. */
export function targetOf(fleet: FleetState, hit: Hit, to: string | null = null): string | null {
  if (to !== null) return to;
  const { suggests } = hit;
  // A triage may name itself, and takes nothing.
  const itself = suggests === hit.loop && loopOf(fleet, suggests)?.leads === 'triage';
  if (suggests !== 'human' && !itself && loopOf(fleet, suggests) !== null) return suggests;
  return marksOf(fleet, hit.loop).promoteTo;
}

/** Loops that could take a hit: trusted and switched on, and no triage themselves. */
export const takers = (fleet: FleetState): readonly LoopState[] =>
  Object.values(fleet.loops)
    .filter(isTaker)
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const isTaker = ({ trusted, definition }: LoopState): boolean =>
  trusted && definition?.enabled === true && definition.leads === 'maker';

/** Hits that go to their loop without a person: only to the one that the file names, and never what the triage gave to a person or another agent came across. */
export function promotesItself(fleet: FleetState, hit: Hit): boolean {
  const { mode, promoteTo } = marksOf(fleet, hit.loop);
  if (hit.status !== 'open' || hit.reported || mode !== 'auto' || promoteTo === null || hit.suggests === 'human')
    return false;
  const finder = Object.hasOwn(fleet.loops, hit.loop) ? fleet.loops[hit.loop] : undefined;
  const taker = Object.hasOwn(fleet.loops, promoteTo) ? fleet.loops[promoteTo] : undefined;
  if (finder?.trusted !== true || taker === undefined || !isTaker(taker)) return false;
  return !fleet.closing && fleet.disk === 'ok' && autoLeft(fleet, hit.loop) > 0;
}

/** Open hits that nobody but a person will promote, the most urgent first. */
export const waitingHits = (fleet: FleetState): readonly Hit[] =>
  openHits(fleet).filter((hit) => !promotesItself(fleet, hit));

/** The promotion of a hit that promotes itself, for the supervisor that carries it out. */
export const answerAuto = (fleet: FleetState, id: string, given: Omit<Given, 'by'>): Answer | Refusal => {
  const hit = fleet.hits[id];
  if (hit === undefined || !promotesItself(fleet, hit)) return refuse(`${id} no longer promotes itself.`);
  return promote(fleet, hit, marksOf(fleet, hit.loop).promoteTo, { ...given, by: AUTO });
};

/** What the hits call for at `now` (ms since 1970), and when time alone may change that. */
export function hitEffects(
  fleet: FleetState,
  now: number,
): { readonly effects: readonly Effect[]; readonly wakeAt: number | null } {
  const open = openHits(fleet);
  const over = open.filter(({ expires }) => expires <= now);
  const effects = over.map(
    (hit): Effect => ({
      do: 'record',
      key: `record:hit:${hit.id}:expired-${hit.expires}`,
      run: null,
      events: [{ type: 'hit-expired', hit: hit.id }],
    }),
  );
  // One at a time: each takes one of the day's.
  const auto = open.find((hit) => hit.expires > now && promotesItself(fleet, hit));
  const next = open.map(({ expires }) => expires).filter((at) => at > now);
  return {
    effects:
      auto === undefined
        ? effects
        : [...effects, { do: 'promote', key: `promote:${auto.id}:${auto.at}`, run: null, hit: auto.id }],
    wakeAt: next.length === 0 ? null : Math.min(...next),
  };
}

const refuse = (refused: string, code = 1): Refusal => ({ refused, code });
