/** The keys `fan-out` and `budget.per-item`: their defaults, and what they must say to make sense. */
import type { Budget, Discovery, FanOut, LoopDefinition } from './definition.ts';
import { type Remark, valueAt } from './problem.ts';
import type { FrontMatter } from './schema/front-matter.ts';
import { discovery } from './triage.ts';

const USUAL_ITEMS = 20;

export function fanOut(front: FrontMatter, perItem: Budget): FanOut | null {
  const said = front['fan-out'];
  if (said === undefined) return null;
  const stop = said['stop-when'];
  return {
    remembers: said.run === undefined,
    maxItems: said['max-items'] ?? USUAL_ITEMS,
    maxParallel: said['max-parallel'] ?? 3,
    pilot: said.pilot ?? 0,
    order: said.order ?? 'listed',
    merge: said.merge === 'queue' ? 'queue' : 'none',
    onItemFailure: said['on-item-failure'] ?? 'skip',
    stopWhen: stop === undefined ? null : { failureRate: stop['failure-rate'] ?? 0.5, after: stop.after ?? 5 },
    perItem,
  };
}

/** What lists the items of the loop: its `discover`, or the command of its fan-out. */
export function listing(front: FrontMatter): Discovery | null {
  const found = discovery(front);
  const fan = front['fan-out'];
  if (fan === undefined) return found;
  const most = fan['max-items'] ?? USUAL_ITEMS;
  if (fan.run === undefined)
    return found && { ...found, limit: Math.min(most, front.discover?.limit ?? Number.POSITIVE_INFINITY) };
  // The names of files are words that others chose, like everything that a command lists.
  const usual = { changedBy: [], forgetAfterMs: 1, trust: 'untrusted' } as const;
  return { run: fan.run, key: fan.key ?? 'key', limit: most, ...usual };
}

/** Without a fan-out every run has one item, so that its caps are the loop's. What a fan is not told of time and passes is enough for all its items. */
export function budgets(
  front: FrontMatter,
  written: unknown,
): { readonly budget: LoopDefinition['budget']; readonly perItem: Budget } {
  const { tokens, usd, wall, passes, 'per-item': said = {} } = front.budget;
  const perItem: Budget = {
    tokens: said.tokens ?? tokens,
    usd: said.usd ?? usd,
    wallMs: said.wall ?? wall,
    passes: said.passes ?? passes,
  };
  const fan = front['fan-out'];
  if (fan === undefined) return { budget: perItem, perItem };
  const items = fan['max-items'] ?? USUAL_ITEMS;
  const says = (cap: string): boolean => valueAt(written, ['budget', cap]) !== undefined;
  const budget: Budget = {
    tokens,
    usd,
    wallMs: says('wall') ? wall : perItem.wallMs * items,
    passes: says('passes') ? passes : perItem.passes * items,
  };
  return { budget, perItem };
}

export function senseOfFanOut({ 'fan-out': fan, discover, agents }: FrontMatter): Remark[] {
  if (fan === undefined) return [];
  const remarks: Remark[] = [];
  const remark = (key: string, message: string, found?: string): void => {
    remarks.push({ path: ['fan-out', key], message, ...(found === undefined ? {} : { found }) });
  };
  if (fan.run !== undefined && discover !== undefined)
    remark('run', 'discover lists the items already: leave out one of the two');
  else if (fan.run !== undefined && fan.over !== undefined)
    remark('over', 'run lists the items: leave out one of the two');
  else if (fan.run === undefined && discover === undefined)
    remark('run', 'missing, the fan-out needs a command that lists its items, here or in discover', '');
  if (fan.run !== undefined && fan.key === undefined)
    remark('key', 'missing, the field that tells the items of run apart', '');
  if (fan.run === undefined && discover !== undefined && fan.key !== undefined && fan.key !== discover.key)
    remark('key', `expected ${JSON.stringify(discover.key)}, the key of discover`);
  if (agents.triage !== undefined)
    remarks.push({ path: ['fan-out'], message: 'a triage ranks all items in one run: leave it out', found: '' });
  return remarks;
}

/** Caps of a loop without fan-out that its caps per item hide. */
export function hiddenCaps(front: FrontMatter, written: unknown): Remark[] {
  if (front['fan-out'] !== undefined) return [];
  return ['tokens', 'usd', 'wall', 'passes']
    .filter((cap) => valueAt(written, ['budget', cap]) !== undefined)
    .filter((cap) => valueAt(written, ['budget', 'per-item', cap]) !== undefined)
    .map((cap) => ({
      path: ['budget', cap],
      message: 'is not looked at: without fan-out a run has one item, and the cap of per-item is its cap',
    }));
}
