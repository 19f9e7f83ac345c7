/** What fans call for: runs for the items whose turn it is, an end for those that failed, a stop, and in the end the outcome. Level-triggered, like `decide`. */
import type { Given } from '../answer.ts';
import { forItem } from '../definition/fill-in.ts';
import type { Decision, Effect } from '../effect.ts';
import type { Event } from '../event.ts';
import type { End, FanItem, FanState, FleetState, RunState } from '../state.ts';
import type { RunId } from '../units.ts';
import { fanUses, fanWith, nextFanMark } from './caps.ts';
import { failedRun, isOver, mayBegin, openFans, tally, waitsForRelease } from './fans.ts';
import { capWords } from './words.ts';

/** `now` in ms since 1970. */
export function fanEffects(fleet: FleetState, now: number): Decision {
  // Nothing could be written down, or will not be carried out.
  if (fleet.closing || fleet.disk === 'full') return { effects: [], wakeAt: null };
  const open = openFans(fleet);
  const wakes = open.flatMap((fan) => nextFanMark(fleet, fan, now) ?? []);
  return {
    effects: open.flatMap((fan) => forFan(fleet, fan, now)),
    wakeAt: wakes.length === 0 ? null : Math.min(...wakes),
  };
}

function forFan(fleet: FleetState, fan: FanState, now: number): Effect[] {
  const given = fan.rules.onItemFailure === 'skip' ? fan.items.flatMap((item) => failedRun(fleet, item) ?? []) : [];
  if (given.length > 0) return given.map(givenUp);
  const counts = tally(fleet, fan);
  const why = counts.waiting === 0 ? null : whyToStop(fleet, fan, now);
  if (why !== null) return [record(fan, 'stopped', { type: 'fan-stopped', fan: fan.id, why })];
  if (isOver(fleet, fan)) {
    const { green, landed, failed, skipped } = counts;
    return [record(fan, 'ended', { type: 'fan-ended', fan: fan.id, green, landed, failed, skipped })];
  }
  if (fan.pilotedAt === null && waitsForRelease(fleet, fan))
    return [record(fan, 'piloted', { type: 'fan-piloted', fan: fan.id })];
  return turns(fleet, fan, now).map(({ key }) => ({
    do: 'begin-item',
    key: `begin:${fan.id}:${key}`,
    run: null,
    fan: fan.id,
    item: key,
  }));
}

/** Nobody waits for a run that stopped short of green: its branch and its worktree stay as those of any run that failed. */
function givenUp(run: RunState): Effect {
  const hold = run.status.tag === 'open' && run.status.hold?.kind === 'paused' ? run.status.hold : null;
  const detail = hold?.detail ?? '';
  const end: End = hold?.why === 'agent' ? { kind: 'failed', why: 'agent', detail } : { kind: 'exhausted', detail };
  return {
    do: 'record',
    key: `record:${run.id}:${run.pass}:fan-gives-up`,
    run: run.id,
    events: [{ type: 'run-ended', run: run.id, end }],
  };
}

/** Why nothing more of the fan is to begin; null while it goes on. */
function whyToStop(fleet: FleetState, fan: FanState, now: number): string | null {
  const { onItemFailure, stopWhen } = fan.rules;
  const { failed, green, landed } = tally(fleet, fan);
  if (onItemFailure === 'stop' && failed > 0) {
    const first = fan.items.find((item) => item.state === 'failed' || failedRun(fleet, item) !== null);
    return `${first?.key ?? 'an item'} has failed`;
  }
  const done = failed + green + landed;
  if (stopWhen !== null && done >= stopWhen.after && failed / done >= stopWhen.failureRate)
    return `${failed} of ${done} items have failed`;
  if (fan.definition.onExhausted !== 'kill') return null;
  const cap = capWords(fleet, fan, now);
  return cap === null ? null : `it is at its cap, ${cap}`;
}

/** The items whose turn it is now, in their order. */
function turns(fleet: FleetState, fan: FanState, now: number): readonly FanItem[] {
  const { rules, items, released, stopped } = fan;
  if (stopped !== null || !mayBegin(fleet, fan) || fanUses(fleet, fan, now).some((use) => use.used >= use.limit))
    return [];
  const waiting = items.filter(({ state }) => state === 'waiting');
  const atWork = tally(fleet, fan).running;
  const pilot = released ? waiting.length : rules.pilot - (items.length - waiting.length);
  return waiting.slice(0, Math.max(0, Math.min(rules.maxParallel - atWork, pilot)));
}

/** The events that give an item its run; none when that has happened already, or is not its turn. */
export function beginItem(fleet: FleetState, id: string, key: string, given: Omit<Given, 'by'>): readonly Event[] {
  const fan = fanWith(fleet, id);
  if (fan === null || fan.endedAt !== null || fleet.closing || fleet.disk === 'full') return [];
  const item = turns(fleet, fan, given.now).find((each) => each.key === key);
  if (item === undefined) return [];
  const ofOne = { ...fan.definition, budget: fan.rules.perItem };
  const definition = forItem(ofOne, item.item, fan.trust);
  if ('refused' in definition) return [{ type: 'fan-item-failed', fan: id, key, why: definition.refused }];
  const number = (fleet.counters[fan.loop] ?? 0) + 1;
  return [
    {
      type: 'run-queued',
      run: `${fan.loop}-${number}` as RunId,
      loop: fan.loop,
      number,
      item: item.item,
      trust: fan.trust,
      nonce: given.random,
      definition,
      by: fan.id,
      fan: { id, key },
    },
  ];
}

const record = (fan: FanState, what: string, event: Event): Effect => ({
  do: 'record',
  key: `record:fan:${fan.id}:${what}`,
  run: null,
  events: [event],
});
