/** What is true after an event: the one function by which supervisor, pane and command line know the fleet. Total: any event in any order. */
import { wholeLoop } from './definition/whole.ts';
import { type FleetEvent, isRunEvent, type RunEvent, type Stamped } from './event.ts';
import { foldFan, withFanRun, withItemBegun } from './fanout/fold-fans.ts';
import { queueRun, wholeRun } from './fold/queue.ts';
import {
  wholeRule,
  withJudged,
  withRuleAdded,
  withRuleBumped,
  withRuleRetired,
  withRulesRead,
  withShown,
} from './fold/rules.ts';
import { foldRun } from './fold/run.ts';
import { traced } from './fold/steps.ts';
import { heard } from './fold/stuck.ts';
import { withHookCalls, withoutHookCall } from './hooks.ts';
import { neededRung } from './ladder.ts';
import { withKeepsake, withoutKeepsake } from './landing/keepsakes.ts';
import { withQueue } from './landing/queue.ts';
import { afterAsked, afterUnparked, answeredAgain, withLimit } from './limits.ts';
import { NO_SPEND, plus } from './meter.ts';
import { foldReading, NO_READING, withLanded } from './review/fold-reading.ts';
import { phaseOf } from './run-status.ts';
import {
  afterPromotion,
  afterQueueing,
  afterReading,
  afterRewinding,
  afterRun,
  foldBeat,
} from './schedule/fold-beats.ts';
import { withBests } from './score.ts';
import { book, broughtForward, NO_SPENDING } from './spend/book.ts';
import type { FleetState, LoopState, RunState, Spend } from './state.ts';
import { minus } from './tokens.ts';
import { foldTriage, withTriageRun } from './triage/fold-triage.ts';

/** Calendar days of spend that are kept. */
const DAYS_KEPT = 14;
/** Ended runs that are kept in the state; older ones stay in the journal only. */
const ENDED_KEPT = 200;
const PRICES_KEPT = 200;

export const emptyFleet = (): FleetState => ({
  schema: 1,
  repository: { root: '', name: '', branch: '' },
  supervisor: null,
  settings: {
    tiers: {},
    daily: { tokens: 10_000_000, usd: 25 },
    hourly: { tokens: null, usd: null },
    usdPerMinute: null,
    maxAgents: 12,
    meter: 'events',
    hooks: [],
  },
  timezone: 'UTC',
  loops: {},
  beats: {},
  runs: {},
  counters: {},
  rules: {},
  hits: {},
  hitCount: 0,
  triage: {},
  fans: {},
  fanCount: 0,
  days: {},
  spending: NO_SPENDING,
  prices: {},
  today: '',
  disk: 'ok',
  landings: [],
  keepsakes: {},
  hookCalls: [],
  wirePort: null,
  limits: {},
  starts: {},
  turnedGreen: {},
  warned: {},
  reading: NO_READING,
  bests: {},
  closing: false,
});

/** A snapshot as this version needs it: what an older version did not keep is filled in. */
export const wholeFleet = (snapshot: Partial<FleetState>): FleetState => ({
  ...emptyFleet(),
  spending: broughtForward(snapshot.days ?? {}),
  ...snapshot,
  settings: { ...emptyFleet().settings, ...snapshot.settings },
  loops: Object.fromEntries(Object.entries(snapshot.loops ?? {}).map(([name, loop]) => [name, wholeFile(loop)])),
  runs: mapRuns(snapshot.runs ?? {}, wholeRun),
  fans: Object.fromEntries(Object.entries(snapshot.fans ?? {}).map(([id, fan]) => [id, wholeFile(fan)])),
  rules: Object.fromEntries(Object.entries(snapshot.rules ?? {}).map(([id, rule]) => [id, wholeRule(rule)])),
});

const wholeFile = <T extends Pick<LoopState, 'definition'>>(loop: T): T =>
  loop.definition === null ? loop : { ...loop, definition: wholeLoop(loop.definition) };

/** The state after `stamped`. Never throws; an event about an unknown run changes nothing but the date. */
export function fold(state: FleetState, stamped: Stamped): FleetState {
  return withHookCalls(state, foldFact(state, stamped), stamped);
}

function foldFact(state: FleetState, stamped: Stamped): FleetState {
  const dated = state.today === stamped.day ? state : { ...state, today: stamped.day, warned: {} };
  const { event } = stamped;
  if (!isRunEvent(event)) return foldFleet(dated, event, stamped.at);
  const before = dated.runs[event.run];
  if (event.type === 'run-queued') {
    if (before) return dated;
    const run = belowLastTime(dated, queueRun(event, dated.settings, stamped.at));
    const counters = { ...dated.counters, [event.loop]: Math.max(dated.counters[event.loop] ?? 0, event.number) };
    const beats = afterQueueing(dated.beats, event.loop, event.firing, stamped.at);
    return withItemBegun({ ...dated, counters, beats, runs: forget({ ...dated.runs, [run.id]: run }) }, run);
  }
  if (!before) return dated;
  const after = foldRun(before, event, stamped.at, dated.settings);
  if (after === before) return dated;
  const next = withGreen(
    {
      ...dated,
      beats: afterRun(dated, before, after, stamped.at),
      runs: { ...dated.runs, [after.id]: after },
      rules: tallied(dated.rules, before, after, stamped),
    },
    before,
    after,
  );
  const queued = withQueue(next, before, after);
  const best = event.type === 'run-ended' ? withEnd(queued, before, after, stamped.at) : queued;
  const told = withTriageRun(withSpend(best, before, after, stamped.at), before, after, stamped.at);
  return withProvider(withFanRun(told, before, after, event), after, event, stamped.at);
}

/** What a run leaves behind: its best numbers, its branch for a while, and what has landed to be read. */
function withEnd(fleet: FleetState, before: RunState, after: RunState, at: number): FleetState {
  const next = withKeepsake(withBests(fleet, after), before, after);
  return before.status.tag === 'open' ? withLanded(next, after, at) : next;
}

/** A run begins on the first rung, whatever the last one of its loop needed; that it needed more is said. */
function belowLastTime(fleet: FleetState, run: RunState): RunState {
  const words = run.definition.leads === 'triage' ? null : neededRung(fleet, run.loop);
  return words === null
    ? run
    : traced(run, run.queuedAt, 'system', `begins on the first rung (${run.model}): ${words}`);
}

/** Remembers on which rung the loop turned green. */
function withGreen(fleet: FleetState, before: RunState, after: RunState): FleetState {
  if (phaseOf(after) !== 'green' || phaseOf(before) === 'green') return fleet;
  const { id: run, loop, rung, model } = after;
  return { ...fleet, turnedGreen: { ...fleet.turnedGreen, [loop]: { run, rung, model } } };
}

/** What a run's maker was told, and what its gates then said of it. */
function tallied(
  rules: FleetState['rules'],
  before: RunState,
  after: RunState,
  { event, at }: Stamped,
): FleetState['rules'] {
  if (event.type === 'agent-planned' && after.agent !== before.agent) return withShown(rules, event.rules, at);
  const pass = event.type === 'gate-ended' ? after.passes.find(({ n }) => n === event.pass) : undefined;
  const ended = pass?.endedAt != null && before.passes.find(({ n }) => n === pass.n)?.endedAt === null;
  return pass && ended ? withJudged(rules, after.rulesShown, pass) : rules;
}

function withSpend(fleet: FleetState, before: RunState, after: RunState, at: number): FleetState {
  if (after.meter === before.meter) return fleet;
  return {
    ...fleet,
    days: spend(fleet, before, after),
    spending: book(fleet.spending, fleet.today, at, before, after),
  };
}

/** What one run learns of a provider is true for all that ask it. */
function withProvider(fleet: FleetState, run: RunState, event: RunEvent, at: number): FleetState {
  switch (event.type) {
    case 'agent-planned':
      return { ...fleet, starts: { ...fleet.starts, [event.engine]: at } };
    case 'agent-read':
    case 'wire-read':
      return event.events.reduce((next, heard) => {
        if (heard.type === 'limited') return withLimit(next, run, heard, at);
        return heard.type === 'usage' && heard.final && heard.estimated !== true ? answeredAgain(next, run, at) : next;
      }, fleet);
    case 'unparked':
      return afterUnparked(fleet, run, at);
    case 'resume-asked':
      return afterAsked(fleet, run, at);
    default:
      return fleet;
  }
}

function foldFleet(state: FleetState, event: FleetEvent, at: number): FleetState {
  switch (event.type) {
    case 'supervisor-started':
      return {
        ...state,
        closing: false,
        repository: { root: event.root, name: event.name, branch: event.branch },
        supervisor: { pid: event.pid, version: event.version, startedAt: at },
        timezone: event.timezone ?? state.timezone,
        // Nobody was there to see the clock being set.
        beats: afterRewinding(state.beats, at),
      };
    case 'supervisor-closing':
      return { ...state, closing: true };
    case 'settings-read':
      return { ...state, settings: { ...emptyFleet().settings, ...event.settings } };
    case 'loop-read': {
      const { name, path, trusted, definition, problems } = wholeFile(event);
      const loop = { name, path, trusted, definition, problems };
      const beats = afterReading(state, state.loops[name], loop, at);
      return { ...state, loops: { ...state.loops, [name]: loop }, beats };
    }
    case 'loop-gone': {
      const { [event.name]: _gone, ...loops } = state.loops;
      const { [event.name]: _green, ...turnedGreen } = state.turnedGreen;
      return { ...state, loops, turnedGreen };
    }
    case 'rule-added':
      return withRuleAdded(state, event, at);
    case 'rule-bumped':
      return withRuleBumped(state, event);
    case 'rule-retired':
      return withRuleRetired(state, event.id);
    case 'rules-read':
      return withRulesRead(state, event.rules, at);
    case 'prices-read':
      return { ...state, prices: priced(state.prices, event.prices) };
    case 'day-began':
      return state;
    case 'discovered':
    case 'discovery-failed':
    case 'hit-reported':
    case 'hit-dismissed':
    case 'hit-expired':
      return foldTriage(state, event, at);
    case 'hit-promoted':
      return { ...foldTriage(state, event, at), beats: afterPromotion(state, event, at) };
    case 'fanned-out':
    case 'fan-item-failed':
    case 'fan-piloted':
    case 'fan-released':
    case 'fan-stopped':
    case 'fan-budget-raised':
    case 'fan-ended':
      return foldFan(state, event, at);
    case 'hunks-read':
    case 'reading-noted':
    case 'reading-recalled':
    case 'standing-measured':
      return foldReading(state, event, at);
    case 'fleet-warned':
      return { ...state, warned: { ...state.warned, [event.cap]: event.share } };
    case 'wire-opened':
      return { ...state, wirePort: event.port };
    case 'hook-called':
      return withoutHookCall(state, event.call);
    case 'branch-dropped':
      return withoutKeepsake(state, event.branch);
    case 'disk-full':
      return { ...state, disk: 'full' };
    case 'disk-freed':
      return { ...state, disk: 'ok' };
    case 'clock-jumped':
      return {
        ...state,
        runs: mapRuns(state.runs, (run) => unslept(run, event.jumpMs)),
        beats: afterRewinding(state.beats, at),
      };
    case 'fired':
    case 'skipped':
    case 'skip-checked':
    case 'renewed':
    case 'expired-soon':
    case 'expired':
    case 'troubled':
      return { ...state, beats: foldBeat(state.beats, event, at) };
  }
}

/** Models are named by agents, so there may be any number of them. */
const priced = (known: FleetState['prices'], read: FleetState['prices']): FleetState['prices'] =>
  Object.fromEntries(Object.entries({ ...known, ...read }).slice(-PRICES_KEPT));

/** Adds what the run's total grew by to the day; a day's spend can only rise. */
function spend(state: FleetState, before: RunState, after: RunState): FleetState['days'] {
  if (before.meter.total === after.meter.total) return state.days;
  const grown: Spend = {
    tokens: minus(after.meter.total.tokens, before.meter.total.tokens),
    usd: Math.max(0, after.meter.total.usd - before.meter.total.usd),
    unpriced: after.meter.total.unpriced,
    estimated: after.meter.total.estimated,
  };
  const days = { ...state.days, [state.today]: plus(state.days[state.today] ?? NO_SPEND, grown) };
  const names = Object.keys(days).sort();
  for (const old of names.slice(0, Math.max(0, names.length - DAYS_KEPT))) delete days[old];
  return days;
}

/** Drops the oldest ended runs beyond the limit, so that months of runs do not grow the state. */
function forget(runs: FleetState['runs']): FleetState['runs'] {
  const ended = Object.values(runs).filter((run) => run.status.tag === 'ended');
  if (ended.length <= ENDED_KEPT) return runs;
  const oldest = new Set(ended.sort((a, b) => a.queuedAt - b.queuedAt).slice(0, ended.length - ENDED_KEPT));
  return Object.fromEntries(Object.entries(runs).filter(([, run]) => !oldest.has(run)));
}

/** A suspended machine does no work: the time it slept is not charged to the wall budget. */
const unslept = (run: RunState, jumpMs: number): RunState => {
  if (run.wall.since === null) return run;
  const { heardAt } = run.stuck.watch;
  const woken = heardAt === null ? run : heard(run, heardAt + jumpMs);
  return { ...woken, wall: { ...run.wall, since: run.wall.since + jumpMs } };
};

const mapRuns = (runs: FleetState['runs'], change: (run: RunState) => RunState): FleetState['runs'] =>
  Object.fromEntries(Object.entries(runs).map(([id, run]) => [id, change(run)]));
