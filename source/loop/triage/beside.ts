/** A triage beside a maker: the run that ranks what its loop's `discover` found, and the item that a hit of its own then is. */
import type { LoopDefinition } from '../definition/definition.ts';
import type { Hit } from '../state.ts';
import type { Json } from './item.ts';

/** What a look may spend of the budget of one run, where `reserve.triage` does not say. */
const SHARE = 0.25;
/** The answer, and once more when it cannot be read. */
const PASSES = 2;

/** The loop as the triage's run has it; as it is where no triage stands beside the maker. */
export function triaging(loop: LoopDefinition): LoopDefinition {
  const { triage, budget, reserve, isolation } = loop;
  if (triage === null) return loop;
  const share = reserve.triage ?? SHARE;
  return {
    ...loop,
    ...{ leads: 'triage', maker: triage, triage: null, checker: null, reflector: null, escalate: [], gates: [] },
    goal: `Every candidate that is worth a run has a verdict. Such a run has this goal: ${loop.goal}`,
    budget: {
      ...budget,
      tokens: Math.ceil(budget.tokens * share),
      usd: budget.usd * share,
      passes: Math.min(PASSES, budget.passes),
    },
    reserve: {},
    keepBest: null,
    isolation: { ...isolation, type: 'none', base: null, branch: null, setup: null, teardown: null, copy: [] },
    // What the makers do takes no room from it.
    ...{ concurrency: { max: 1 }, group: `triage of ${loop.name}` },
    followedBy: [],
    prompts: { ...loop.prompts, maker: '' },
  };
}

/** The item itself, so that the loop's `{{item.field}}` hold for it, and what the triage says of it. Null when the hit has none. */
export function ownItem({ id, item, priority, confidence, reason, evidence }: Hit): Json {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return null;
  return {
    ...(item as { readonly [name: string]: Json }),
    triage: { hit: id, priority, confidence, finding: reason, evidence },
  };
}
