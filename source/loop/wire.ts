/** What the wire meter may let through: the room that the caps leave beside what is reserved already. Pure; the proxy asks it inside the ledger. */
import { type Cap, type CapUse, uses } from './budget.ts';
import { isMaker } from './crew/crew.ts';
import type { AgentDefinition } from './definition/definition.ts';
import type { AgentState, FleetState, RunState, WireBound } from './state.ts';
import { fresh } from './tokens.ts';
import { formatTokens, formatUsd } from './units.ts';

export type Admission =
  /** `bound` as asked for, or with less output where only that fits. */
  | { readonly verdict: 'go'; readonly bound: WireBound }
  /** It fits when the requests under way have cost what they cost, which is less than what is reserved for them. */
  | { readonly verdict: 'wait' }
  | { readonly verdict: 'refuse'; readonly words: string };

/** Whose requests count against a cap, and in which unit; null for caps that a request cannot cross. */
interface Reach {
  readonly of: 'run' | 'fan' | 'loop' | 'fleet';
  readonly unit: 'tokens' | 'usd';
}

function reachOf(cap: Cap): Reach | null {
  switch (cap) {
    case 'tokens':
      return { of: 'run', unit: 'tokens' };
    case 'usd':
      return { of: 'run', unit: 'usd' };
    case 'fan-tokens':
      return { of: 'fan', unit: 'tokens' };
    case 'fan-usd':
      return { of: 'fan', unit: 'usd' };
    case 'loop-day-tokens':
      return { of: 'loop', unit: 'tokens' };
    case 'loop-day-usd':
      return { of: 'loop', unit: 'usd' };
    case 'hour-tokens':
    case 'day-tokens':
      return { of: 'fleet', unit: 'tokens' };
    case 'hour-usd':
    case 'day-usd':
      return { of: 'fleet', unit: 'usd' };
    case 'wall':
    case 'passes':
    case 'fan-wall':
    case 'fan-passes':
    case 'pace':
    case 'fleet-pace':
      return null;
  }
}

/**
 * An answer cut off at fewer tokens than this is of little use: a tool call that writes a file has some thousand.
 * So a request with less room for output is refused instead of shortened.
 */
export const LEAST_OUTPUT = 2048;

/**
 * Agents ask for up to 128k tokens of output and write some hundred. Where so much does not fit beside what others have
 * reserved, this is still enough for nearly every answer, and nobody has to wait.
 */
export const AMPLE_OUTPUT = 16_384;

/** A cent's millionth: sums of prices are rounded, and a cap that is exactly used up is not crossed. */
const USD_ROUNDING = 1e-8;

interface Gap extends Reach {
  readonly use: CapUse;
  /** Left beside what is spent. */
  readonly left: number;
  /** Left beside what is spent and what is reserved. */
  readonly leftNow: number;
}

/**
 * Whether a request of `run` that costs at most `bound` may go now. Every cap that counts tokens or money must have room for
 * it beside what is spent and what is reserved, by every run that the cap is for. One that does not fit as it is may go with
 * less output, but not with less than `shortest`; null where its output cannot be limited.
 */
export function admission(
  fleet: FleetState,
  run: RunState,
  bound: WireBound,
  now: number,
  shortest: number | null,
): Admission {
  const gaps = gapsOf(fleet, run, now);
  if (gaps.every((gap) => fits(gap, bound, gap.leftNow))) return { verdict: 'go', bound };
  const whole = gaps.every((gap) => fits(gap, bound, gap.left));
  const underWay = gaps.some((gap) => gap.leftNow < gap.left);
  const least = Math.min(bound.output, shortest === null ? bound.output : Math.max(LEAST_OUTPUT, shortest));
  if (shortest !== null) {
    const ample = Math.min(bound.output, Math.max(AMPLE_OUTPUT, least));
    const most = (left: (gap: Gap) => number) => Math.min(...gaps.map((gap) => mostOutput(gap, bound, left(gap))));
    // Shorter than that only when nothing else is under way: an answer that is cut off cost its tokens for nothing.
    if (underWay && most((gap) => gap.leftNow) >= ample) return { verdict: 'go', bound: withOutput(bound, ample) };
    const alone = most((gap) => gap.left);
    if (alone >= least) return underWay ? { verdict: 'wait' } : { verdict: 'go', bound: withOutput(bound, alone) };
  }
  if (whole) return { verdict: 'wait' };
  const needed = withOutput(bound, least);
  const tight = gaps.find((gap) => !fits(gap, needed, gap.left));
  return { verdict: 'refuse', words: tight === undefined ? '' : wordsOf(tight, needed) };
}

/**
 * Caps of a run take the provider's word that what it cached minutes ago is still cached, until it breaks it once; those of a fan, of a
 * loop's day and of the fleet never do.
 * A conversation of 150k tokens would otherwise stop its run at 250k of 400k; of a fleet's day of 10M it is one or two percent.
 */
const inputOf = (reach: Reach, bound: WireBound): number => {
  if (reach.unit === 'usd') return reach.of === 'run' ? bound.usd.warm : bound.usd.input;
  return reach.of === 'run' ? bound.warm : bound.input;
};

const costOf = (reach: Reach, bound: WireBound): number =>
  inputOf(reach, bound) + (reach.unit === 'usd' ? bound.usd.output : bound.output);

const slack = (reach: Reach): number => (reach.unit === 'usd' ? USD_ROUNDING : 0);

const fits = (gap: Gap, bound: WireBound, left: number): boolean => costOf(gap, bound) <= left + slack(gap);

/** Tokens of output that fit into `room` beside the input. */
function mostOutput(gap: Gap, bound: WireBound, room: number): number {
  const left = room - inputOf(gap, bound);
  if (left <= 0) return 0;
  if (gap.unit === 'tokens') return Math.min(bound.output, left);
  return bound.usd.output <= left ? bound.output : Math.floor((bound.output * left) / bound.usd.output);
}

const withOutput = (bound: WireBound, output: number): WireBound => ({
  ...bound,
  output,
  usd: { ...bound.usd, output: bound.output === 0 ? 0 : (bound.usd.output * output) / bound.output },
});

function gapsOf(fleet: FleetState, run: RunState, now: number): Gap[] {
  return uses(fleet, run, now).flatMap((use): Gap[] => {
    const reach = reachOf(use.cap);
    if (reach === null) return [];
    const left = use.limit - use.used;
    return [{ ...reach, use, left, leftNow: left - reserved(fleet, run, reach) }];
  });
}

/** What is reserved for requests under way and not yet counted as spent. */
function reserved(fleet: FleetState, run: RunState, reach: Reach): number {
  if (reach.of === 'run') return reservedBy(run, reach);
  return Object.values(fleet.runs)
    .filter((each) => {
      if (reach.of === 'fan') return each.fan !== null && each.fan.id === run.fan?.id;
      return reach.of === 'fleet' || each.loop === run.loop;
    })
    .reduce((sum, each) => sum + reservedBy(each, reach), 0);
}

function reservedBy(run: RunState, reach: Reach): number {
  let sum = 0;
  for (const [key, { bound }] of Object.entries(run.wire)) {
    const entry = Object.hasOwn(run.meter.live, key) ? run.meter.live[key] : undefined;
    const counted = entry === undefined ? 0 : reach.unit === 'usd' ? (entry.usd ?? 0) : fresh(entry.tokens);
    sum += Math.max(0, costOf(reach, bound) - counted);
  }
  return sum;
}

function wordsOf(gap: Gap, bound: WireBound): string {
  const cost = gap.unit === 'usd' ? formatUsd(costOf(gap, bound)) : `${formatTokens(costOf(gap, bound))} tokens`;
  return `${gap.use.words}, and the next request could cost ${cost}`;
}

/** Requests of this run are held back: it is frozen or being ended, or the disk is full and nothing could be written down. */
export const holdsBack = (fleet: FleetState, run: RunState): boolean =>
  fleet.disk === 'full' || run.kill !== null || run.agent?.wish.to !== 'run';

/** The maker's next requests can simply be answered by another model: same engine, metered on the wire, nothing else changes. */
export function answersInPlace(run: RunState, maker: AgentDefinition, model: string): boolean {
  const { agent } = run;
  if (agent === null || agent.fact.is === 'dead' || agent.wish.to === 'end' || agent.wire?.own !== true) return false;
  if (!isMaker(agent.role) || run.kill !== null || run.maker.engine !== maker.engine || agent.engine !== maker.engine)
    return false;
  const same =
    JSON.stringify({ ...maker, model: '', turns: null }) === JSON.stringify({ ...run.maker, model: '', turns: null });
  return same && providerOf(agent, agent.model) === providerOf(agent, model) && !/\[/.test(model + agent.model);
}

/** `anthropic` of opencode's `anthropic/claude-…`: another provider is another door. */
const providerOf = (agent: AgentState, model: string): string =>
  agent.engine === 'opencode' ? model.slice(0, Math.max(0, model.indexOf('/'))) : '';
