/** What one event makes of the fans. Total: an event about a fan that is not known changes nothing. */
import { wholeLoop } from '../definition/whole.ts';
import type { RunEvent } from '../event.ts';
import { NO_SPEND, plus } from '../meter.ts';
import { reasonOf } from '../run-status.ts';
import { afterFan, afterQueueing } from '../schedule/fold-beats.ts';
import type { FanItem, FanState, FleetState, RunState, Spend } from '../state.ts';
import { minus } from '../tokens.ts';
import { fanOf, fanWith } from './caps.ts';
import type { FanEvent } from './fan-event.ts';
import { itemStateOf } from './fans.ts';

/** Ended fans that are kept in the state; older ones stay in the journal only. */
const ENDED_KEPT = 20;

export function foldFan(fleet: FleetState, event: FanEvent, at: number): FleetState {
  if (event.type === 'fanned-out') return begun(fleet, event, at);
  const fan = fanWith(fleet, event.fan);
  if (fan === null || fan.endedAt !== null) return fleet;
  switch (event.type) {
    case 'fan-item-failed':
      return withFan(
        fleet,
        withItem(fan, event.key, (item) =>
          item.state === 'waiting' ? { ...item, item: null, state: 'failed', why: event.why } : item,
        ),
      );
    case 'fan-piloted':
      return withFan(fleet, { ...fan, pilotedAt: fan.pilotedAt ?? at });
    case 'fan-released':
      return withFan(fleet, { ...fan, released: true });
    case 'fan-stopped':
      return fan.stopped === null ? withFan(fleet, stopped(fan, event.why, at)) : fleet;
    case 'fan-budget-raised':
      return withFan(fleet, { ...fan, budget: event.budget });
    case 'fan-ended': {
      const ended = { ...fan, endedAt: at };
      const next = withFan(fleet, ended);
      const bounded = { ...next, fans: newest(next.fans), triage: newAgain(next, ended) };
      return { ...bounded, beats: afterFan(bounded, ended, at) };
    }
  }
}

function begun(fleet: FleetState, event: Extract<FanEvent, { type: 'fanned-out' }>, at: number): FleetState {
  const definition = wholeLoop(event.definition);
  const { fanOut: rules } = definition;
  if (fanWith(fleet, event.fan) !== null || rules === null) return fleet;
  const fan: FanState = {
    id: event.fan,
    loop: event.loop,
    definition,
    rules,
    trust: event.trust,
    at,
    by: event.by,
    items: event.items.map(({ key, item }) => ({ key, item, state: 'waiting', run: null, why: '' })),
    released: rules.pilot === 0 || rules.pilot >= event.items.length,
    pilotedAt: null,
    stopped: null,
    budget: definition.budget,
    spent: NO_SPEND,
    wallMs: 0,
    passes: 0,
    endedAt: null,
  };
  return {
    ...withFan(fleet, fan),
    fanCount: fleet.fanCount + 1,
    beats: afterQueueing(fleet.beats, event.loop, event.firing, at),
  };
}

const stopped = (fan: FanState, why: string, at: number): FanState => ({
  ...fan,
  stopped: { why, at },
  items: fan.items.map((item) => (item.state === 'waiting' ? { ...item, item: null, state: 'skipped', why } : item)),
});

/** The run of an item was queued. */
export function withItemBegun(fleet: FleetState, run: RunState): FleetState {
  const fan = fanOf(fleet, run);
  if (fan === null || run.fan === null) return fleet;
  return withFan(
    fleet,
    withItem(fan, run.fan.key, (item) =>
      item.state === 'waiting' ? { ...item, item: null, state: 'running', run: run.id } : item,
    ),
  );
}

/** What an event of its run means for a fan: how the item stands, and what all of them have used. */
export function withFanRun(fleet: FleetState, before: RunState, after: RunState, event: RunEvent): FleetState {
  const fan = fanOf(fleet, after);
  if (fan === null || after.fan === null) return fleet;
  const passes = Number(event.type === 'agent-planned' && before.agents === 0 && after.agents === 1);
  const wallMs = Math.max(0, after.wall.ms - before.wall.ms);
  const billed = before.meter.total !== after.meter.total;
  const state = itemStateOf(after);
  const item = fan.items.find(({ key }) => key === after.fan?.key);
  if (passes === 0 && wallMs === 0 && !billed && item?.state === state) return fleet;
  const counted: FanState = {
    ...fan,
    passes: fan.passes + passes,
    wallMs: fan.wallMs + wallMs,
    spent: billed ? plus(fan.spent, grown(before.meter.total, after.meter.total)) : fan.spent,
  };
  const why = state === 'failed' || state === 'skipped' ? reasonOf(after) : '';
  return withFan(
    fleet,
    withItem(counted, after.fan.key, (each) => (each.run === after.id ? { ...each, state, why } : each)),
  );
}

const grown = (before: Spend, after: Spend): Spend => ({
  tokens: minus(after.tokens, before.tokens),
  usd: Math.max(0, after.usd - before.usd),
  unpriced: after.unpriced,
  estimated: after.estimated,
});

/** What was never begun is new at the next look, for a loop that remembers. */
function newAgain({ triage }: FleetState, { loop, rules, items }: FanState): FleetState['triage'] {
  const known = Object.hasOwn(triage, loop) ? triage[loop] : undefined;
  if (known === undefined || !rules.remembers) return triage;
  const left = new Set(items.flatMap(({ key, state, run }) => (state === 'skipped' && run === null ? [key] : [])));
  return { ...triage, [loop]: { ...known, seen: known.seen.filter(({ key }) => !left.has(key)) } };
}

const withFan = (fleet: FleetState, fan: FanState): FleetState => ({
  ...fleet,
  fans: { ...fleet.fans, [fan.id]: fan },
});

const withItem = (fan: FanState, key: string, change: (item: FanItem) => FanItem): FanState => ({
  ...fan,
  items: fan.items.map((item) => (item.key === key ? change(item) : item)),
});

/** They stand in the order in which they began. */
function newest(fans: FleetState['fans']): FleetState['fans'] {
  const ended = Object.values(fans).filter(({ endedAt }) => endedAt !== null);
  const old = new Set(ended.slice(0, Math.max(0, ended.length - ENDED_KEPT)).map(({ id }) => id));
  return old.size === 0 ? fans : Object.fromEntries(Object.entries(fans).filter(([id]) => !old.has(id)));
}
