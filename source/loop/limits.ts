/**
 * What a provider's refusal means for everybody on the same credential: all of them are parked, and when the time is over they go on
 * one by one, the first as a probe. Nothing here waits; these are facts, and questions about them.
 */
import type { AgentEvent } from './agent-event.ts';
import { nextRole, playerOf, resolveModel } from './crew/crew.ts';
import type { EngineName } from './definition/definition.ts';
import { holdOf } from './run-status.ts';
import type { FleetState, ProviderLimit, RunState } from './state.ts';

type Limited = Extract<AgentEvent, { type: 'limited' }>;

/** How long to wait when the provider does not say, by how often in a row it refused. Minutes as in the CLIs' own back-off, then longer. */
const WAITS_MS: Readonly<Record<Limited['why'], readonly number[]>> = {
  rate: [30_000, 60_000, 120_000, 300_000, 600_000],
  overloaded: [15_000, 30_000, 60_000, 120_000, 300_000],
  usage: [1_800_000, 3_600_000],
  login: [Number.POSITIVE_INFINITY],
};
/** What a provider may ask for at most; a plan's week is longer than a run's patience, and a person sees the pause by then. */
const LONGEST_MS = 8 * 86_400_000;
/** Between two that go on, and as much again at random: a fleet that comes back at once is refused at once. */
const APART_MS = 5_000;
/** A refusal that comes so soon after the last one was caused by the same request, or by one sent before anybody knew. */
const SAME_MS = 5_000;
/** A frozen request outlives this; a longer wait ends the process, and the session is resumed (agents.md: 330 s repeats it, 120 s does not). */
export const FREEZABLE_MS = 240_000;

/** Whose refusal it is: a login belongs to an engine; opencode has one per provider of its models. */
export function credentialOf(engine: EngineName, model: string): string {
  const slash = model.indexOf('/');
  return engine === 'opencode' && slash > 0 ? `opencode/${model.slice(0, slash)}` : engine;
}

/** That of its living agent, or of whoever comes next. */
function credentialOfRun({ settings }: FleetState, run: RunState): string {
  const { agent } = run;
  if (agent !== null && agent.fact.is !== 'dead') return credentialOf(agent.engine, agent.model);
  const role = nextRole(run);
  if (role === 'maker') return credentialOf(run.maker.engine, run.model);
  const player = playerOf(run, role);
  return credentialOf(player.engine, resolveModel(player, settings));
}

/** The limit that stands in this run's way at `now` (ms since 1970); null when it may ask. */
export function limitFor(fleet: FleetState, run: RunState, now: number): ProviderLimit | null {
  const limit = fleet.limits[credentialOfRun(fleet, run)];
  return limit !== undefined && untilOf(limit) > now ? limit : null;
}

/** A queued run does not overtake those that are parked. */
export const mayBegin = (fleet: FleetState, run: RunState, now: number): boolean =>
  limitFor(fleet, run, now) === null && parked(fleet, credentialOfRun(fleet, run)).length === 0;

/** Until when nobody asks, ms since 1970; infinite where only a person can tell. */
const untilOf = (limit: ProviderLimit): number => limit.until ?? Number.POSITIVE_INFINITY;

/** The fleet after a provider has refused `run`'s agent. */
export function withLimit(fleet: FleetState, run: RunState, event: Limited, at: number): FleetState {
  const { agent } = run;
  if (agent === null) return fleet;
  const credential = credentialOf(agent.engine, agent.model);
  const before = fleet.limits[credential];
  const same = before !== undefined && at - before.at < SAME_MS;
  const strikes = same ? before.strikes : (before?.strikes ?? 0) + 1;
  const waits = WAITS_MS[event.why];
  const asked = event.until === undefined ? event.inMs : event.until - at;
  const usual = waits[Math.min(strikes, waits.length) - 1] ?? 0;
  const wait = event.why === 'login' ? usual : Math.min(LONGEST_MS, Math.max(asked ?? usual, 1_000));
  const until = Math.max(at + wait, same ? untilOf(before) : 0);
  const limit: ProviderLimit = {
    credential,
    why: event.why,
    detail: event.detail,
    since: before?.since ?? at,
    at,
    until: Number.isFinite(until) ? until : null,
    next: Number.isFinite(until) ? until : 0,
    strikes,
  };
  return { ...fleet, limits: { ...fleet.limits, [credential]: limit } };
}

/** The fleet after a response came through: nobody is parked any more, so the next refusal is a first one again. */
export function answeredAgain(fleet: FleetState, run: RunState, at: number): FleetState {
  const { agent } = run;
  const credential = agent && credentialOf(agent.engine, agent.model);
  const limit = credential === null ? undefined : fleet.limits[credential];
  if (credential === null || limit === undefined || untilOf(limit) > at || parked(fleet, credential).length > 0)
    return fleet;
  return lifted(fleet, credential);
}

function lifted(fleet: FleetState, credential: string): FleetState {
  const { [credential]: _gone, ...limits } = fleet.limits;
  return { ...fleet, limits };
}

/** The fleet after `run` was let go on: the next one waits a little, each a different while. */
export function afterUnparked(fleet: FleetState, run: RunState, at: number): FleetState {
  const credential = credentialOfRun(fleet, run);
  const limit = fleet.limits[credential];
  if (limit === undefined) return fleet;
  const next = at + APART_MS + jitter(run.nonce) * APART_MS;
  return { ...fleet, limits: { ...fleet.limits, [credential]: { ...limit, next } } };
}

/** The operator says that it can go on: a login was renewed, or they know better. The others follow one by one. */
export function afterAsked(fleet: FleetState, run: RunState, at: number): FleetState {
  const credential = credentialOfRun(fleet, run);
  const limit = fleet.limits[credential];
  if (limit === undefined || untilOf(limit) <= at) return fleet;
  const open = { ...fleet, limits: { ...fleet.limits, [credential]: { ...limit, until: at } } };
  return afterUnparked(open, run, at);
}

/** Runs parked on a credential, in the order in which they go on. */
export function parked(fleet: FleetState, credential: string): RunState[] {
  return Object.values(fleet.runs)
    .filter((run) => isParked(run) && credentialOfRun(fleet, run) === credential)
    .sort((a, b) => (holdOf(a)?.since ?? 0) - (holdOf(b)?.since ?? 0) || (a.id < b.id ? -1 : 1));
}

function isParked(run: RunState): boolean {
  const hold = holdOf(run);
  return hold?.kind === 'paused' && (hold.why === 'rate-limit' || hold.why === 'login');
}

/** The run whose turn it is on each credential whose time is over. */
export function nextToGo(fleet: FleetState, now: number): RunState[] {
  return Object.values(fleet.limits).flatMap((limit) => {
    const first = Math.max(untilOf(limit), limit.next) <= now ? parked(fleet, limit.credential)[0] : undefined;
    return first === undefined ? [] : [first];
  });
}

/** 0 to 1, the same for the same run: its mark is random already. */
const jitter = (nonce: string): number => {
  const digits = Number.parseInt(nonce.slice(0, 8), 16);
  return Number.isNaN(digits) ? 0.5 : digits / 0xffffffff;
};
