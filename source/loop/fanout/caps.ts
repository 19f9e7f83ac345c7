/** What the budget of a loop means for its fan: the sum over all its runs. Which cap stops whom is decided elsewhere. */
import type { FanState, FleetState, RunState } from '../state.ts';
import { fresh } from '../tokens.ts';

export type FanCap = 'fan-tokens' | 'fan-usd' | 'fan-wall' | 'fan-passes';

export interface FanUse {
  readonly cap: FanCap;
  readonly used: number;
  readonly limit: number;
}

type OfFan = Partial<Pick<RunState, 'fan'>>;

/** The fan that a run belongs to; null for a run by itself, or when the fan is long forgotten. */
export const fanOf = (fleet: Pick<FleetState, 'fans'>, { fan }: OfFan): FanState | null =>
  fan == null ? null : fanWith(fleet, fan.id);

/** The fan of that id; null when there is none, or none any more. */
export const fanWith = ({ fans }: Pick<FleetState, 'fans'>, id: string): FanState | null =>
  (Object.hasOwn(fans, id) ? fans[id] : undefined) ?? null;

/** What the fan has used of each of its caps at `now` (ms since 1970). */
export function fanUses({ runs }: Pick<FleetState, 'runs'>, fan: FanState, now: number): FanUse[] {
  const { budget, spent, passes } = fan;
  const atWork = clocksOf(runs, fan).reduce((sum, since) => sum + Math.max(0, now - since), 0);
  return [
    { cap: 'fan-tokens', used: fresh(spent.tokens), limit: budget.tokens },
    { cap: 'fan-usd', used: spent.usd, limit: budget.usd },
    { cap: 'fan-wall', used: fan.wallMs + atWork, limit: budget.wallMs },
    { cap: 'fan-passes', used: passes, limit: budget.passes },
  ];
}

/** Since when each of its runs that is at work is so. */
const clocksOf = (runs: FleetState['runs'], { items }: FanState): number[] =>
  items.flatMap(({ run }) => (run === null ? [] : (runs[run]?.wall.since ?? [])));

/** When time alone will bring its runs to the cap of the fan, ms since 1970; null while nothing of it is at work. */
export function nextFanMark(fleet: Pick<FleetState, 'runs'>, fan: FanState, now: number): number | null {
  const running = clocksOf(fleet.runs, fan).length;
  const wall = fanUses(fleet, fan, now).find(({ cap }) => cap === 'fan-wall');
  if (running === 0 || wall === undefined || wall.used >= wall.limit) return null;
  return now + Math.ceil((wall.limit - wall.used) / running);
}

/** Whether the run may begin its pass under the cap of the fan on passes: those that came first take what is left. */
export function passTurn(fleet: Pick<FleetState, 'runs' | 'fans'>, run: RunState): 'go' | 'wait' | 'over' {
  const fan = fanOf(fleet, run);
  if (fan === null || run.agents > 0) return 'go';
  const left = fan.budget.passes - fan.passes;
  if (left <= 0) return 'over';
  const before = fan.items.filter((item) => {
    const other = item.run === null ? undefined : fleet.runs[item.run];
    return other !== undefined && other.id !== run.id && beginsPass(other) && isBefore(other, run);
  });
  return before.length < left ? 'go' : 'wait';
}

const beginsPass = ({ status, agents, kill }: RunState): boolean =>
  status.tag === 'open' && status.phase === 'making' && status.hold === null && agents === 0 && kill === null;

const isBefore = (a: RunState, b: RunState): boolean =>
  a.queuedAt < b.queuedAt || (a.queuedAt === b.queuedAt && a.id < b.id);
