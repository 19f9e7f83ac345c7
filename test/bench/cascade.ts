/**
 * What a day of a loop costs when a cheap triage decides on which firings the strong model works, against the strong model on every
 * firing: measured on the real fold and decisions in simulated time, at the prices of our table. No processes, no network.
 */
import { priceRow } from '../../source/agents/prices.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import type { LoopDefinition } from '../../source/loop/definition/definition.ts';
import { USUAL_HITS } from '../../source/loop/definition/triage.ts';
import { costOf } from '../../source/loop/price.ts';
import { stateWord } from '../../source/loop/run-status.ts';
import type { RunState } from '../../source/loop/state.ts';
import { NO_TOKENS, type Tokens } from '../../source/loop/tokens.ts';
import { candidatesOf } from '../../source/loop/triage/candidates.ts';
import { triageOf } from '../../source/loop/triage/hits.ts';
import { madeLoop } from '../loop/made-loop.ts';
import { SimulatedWorld } from '../loop/simulated-world.ts';
import { answerOf, DISCOVER, read, triageLoop } from '../loop/triage/fleet.ts';

/** Tokens of one pass of each role, and in how many responses it makes them: a long prompt has rates of its own. */
const PASSES = {
  triage: { tokens: { input: 6000, cacheWrite: 4000, cacheRead: 30_000, output: 1000 }, responses: 2 },
  maker: { tokens: { input: 20_000, cacheWrite: 60_000, cacheRead: 900_000, output: 15_000 }, responses: 20 },
  checker: { tokens: { input: 15_000, cacheWrite: 25_000, cacheRead: 120_000, output: 4000 }, responses: 5 },
} as const;

export interface Day {
  readonly cheap: string;
  readonly strong: string;
  readonly firings: number;
  /** Share of the items that are worth the strong model, 0 to 1. */
  readonly hitRate: number;
  /** Share of the firings that find nothing new, 0 to 1. */
  readonly quiet: number;
}

export interface Cost {
  readonly usd: number;
  readonly triageUsd: number;
  /** Runs of the strong model, and firings on which no model was asked. */
  readonly worked: number;
  readonly unasked: number;
}

const QUARTER_MS = 15 * 60_000;
const wide = { tokens: 1e9, usd: 1e6, wallMs: 1e9, passes: 8 };

/** The strong model on every firing. */
export function strongDay(day: Day): Cost {
  const world = worldOf(day);
  for (let n = 0; n < day.firings; n++) {
    world.now += QUARTER_MS;
    world.command({ do: 'run', loop: 'fix', item: { id: n } });
    finish(world);
  }
  return costOfDay(world);
}

/** Triage on every firing that finds something, the strong model on what it promotes. */
export const cascadeDay = (day: Day): Cost => costOfDay(cascadeWorld(day));

export function cascadeWorld(day: Day): SimulatedWorld {
  const world = worldOf(day);
  let id = -1;
  for (let n = 0; n < day.firings; n++) {
    world.now += QUARTER_MS;
    // The same item again is nothing new; the first can only be new.
    if (n === 0 || !crosses(n, day.quiet)) id++;
    world.fire('triage', [{ id, updated: 1 }]);
    finish(world);
  }
  return world;
}

/** Spread evenly over the day: true for `share` of all n. */
const crosses = (n: number, share: number): boolean => Math.round((n + 1) * share) > Math.round(n * share);

function worldOf(day: Day): SimulatedWorld {
  const models = { triage: day.cheap, maker: day.strong, checker: day.strong };
  const bills = (run: RunState, role: keyof typeof PASSES): readonly AgentEvent[] => {
    const { tokens, responses } = PASSES[role];
    const price = priceRow(models[role]);
    if (price === null) throw new Error(`${models[role]} has no price`);
    const share = (of: number): number => of / responses;
    const part: Tokens = {
      ...NO_TOKENS,
      input: share(tokens.input),
      cacheWrite: share(tokens.cacheWrite),
      cacheRead: share(tokens.cacheRead),
      output: share(tokens.output),
    };
    return Array.from({ length: responses }, (_, n) => ({
      type: 'usage',
      key: `${run.id}-${run.pass}-${role}-${n}`,
      model: models[role],
      tokens: part,
      usd: costOf(price, part),
      final: true,
    }));
  };
  const isHit = (key: string): boolean => crosses(Number(key), day.hitRate);
  const ranked = (run: RunState): string =>
    answerOf(...candidatesOf(run.item).map(({ key }) => ({ key, priority: isHit(key) ? 'p1' : 'p3' })));
  const world = new SimulatedWorld({
    agent: (run, tick) => {
      if (tick > 0) return 'ends';
      if (run.loop !== 'triage') return bills(run, 'maker');
      return [...bills(run, 'triage'), { type: 'said', text: ranked(run) }];
    },
    judge: () => '{"verdict": "holds"}',
    bills: (run) => bills(run, 'checker'),
    gate: () => '',
  });
  const { maker } = madeLoop();
  const fix: Partial<LoopDefinition> = {
    budget: wide,
    escalate: [],
    maker: { ...maker, model: day.strong },
    checker: { agent: { ...maker, model: day.strong }, gate: 'review', votes: 1, onUncertain: 'fail', sample: 1 },
  };
  const onHit = { ...USUAL_HITS, mode: 'auto', promoteTo: 'fix', maxPerDay: day.firings } as const;
  world.happen(
    {
      type: 'settings-read',
      settings: { ...world.state.settings, daily: { tokens: 1e12, usd: 1e9 } },
    },
    read(triageLoop({ budget: wide, maker: { ...maker, model: day.cheap }, discover: DISCOVER, onHit })),
    read(madeLoop(fix)),
  );
  return world;
}

/** To the end of what can be done, and what is green is landed: a day's work does not stay open. */
function finish(world: SimulatedWorld): void {
  world.work();
  for (const run of Object.values(world.state.runs))
    if (stateWord(run) === 'review') world.happen({ type: 'run-ended', run: run.id, end: { kind: 'landed' } });
}

function costOfDay({ state, history }: SimulatedWorld): Cost {
  const cells = Object.values(state.spending.days).flatMap((each) => each.cells);
  const sum = (role: string | null): number =>
    cells.reduce((usd, cell) => usd + (role === null || cell.role === role ? cell.spend.usd : 0), 0);
  return {
    usd: sum(null),
    triageUsd: sum('triage'),
    worked: history.filter((event) => event.type === 'agent-planned' && event.role === 'maker').length,
    unasked: Object.values(triageOf(state, 'triage').days).reduce((all, each) => all + each.quiet, 0),
  };
}

export const CHEAP = 'claude-haiku-5-5';
export const STRONG = 'claude-opus-5-5';

/** Rows of the table: what is compared, and its figures. */
export function cascadeRows(firings = 96): readonly (readonly [string, string])[] {
  const day = { cheap: CHEAP, strong: STRONG, firings, hitRate: 1, quiet: 0 };
  const all = strongDay(day);
  const usd = (amount: number): string => `$${amount.toFixed(2)}`;
  const compared = (cost: Cost): string =>
    `${usd(cost.usd)}, of it triage ${usd(cost.triageUsd)}; ${cost.worked} runs of the strong model, ${cost.unasked} firings asked no model; ${(all.usd / cost.usd).toFixed(1)} times cheaper`;
  return [
    [`${firings} firings, ${STRONG} on each`, `${usd(all.usd)}; ${all.worked} runs`],
    [`${CHEAP} first, 10 % are hits`, compared(cascadeDay({ ...day, hitRate: 0.1 }))],
    [`${CHEAP} first, 5 % are hits`, compared(cascadeDay({ ...day, hitRate: 0.05 }))],
    ['  and every second look finds nothing new', compared(cascadeDay({ ...day, hitRate: 0.05, quiet: 0.5 }))],
  ];
}
