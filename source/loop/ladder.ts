/** The escalation ladder: which rung a run climbs by itself, and what an operator's escalation means. One rung at a time, never skipped. */
import type { AgentDefinition, Rung } from './definition/definition.ts';
import type { RunState } from './state.ts';
import { passesOfRung, type Stuck, sameFailure, stuckBetweenPasses } from './stuck.ts';

/** Tiers from the cheapest to the strongest. */
export const TIERS = ['cheap', 'standard', 'strong'] as const;
export type Tier = (typeof TIERS)[number];
const tierNames: readonly string[] = TIERS;

export type Step =
  | { readonly to: 'rung'; readonly rung: number; readonly maker: AgentDefinition; readonly because: string }
  | { readonly to: 'human'; readonly because: string };

/** What the ladder says before the next pass starts; null = go on as before. */
export function stepBetweenPasses(run: RunState): Step | null {
  const rung = run.definition.escalate[run.rung];
  const because = rung && tripped(run, rung);
  if (rung && because) return step(run, rung, because);
  const stuck = stuckBetweenPasses(run);
  if (stuck === null) return null;
  return rung?.when === 'stuck' ? step(run, rung, stuck.words) : { to: 'human', because: stuck.words };
}

/** What the ladder says when a stuck rule acted while the agent was at work. */
export function stepWhenStuck(run: RunState, stuck: Stuck): Step {
  const rung = run.definition.escalate[run.rung];
  return rung?.when === 'stuck' ? step(run, rung, stuck.words) : { to: 'human', because: stuck.words };
}

function tripped(run: RunState, rung: Rung): string | null {
  const passes = passesOfRung(run).length;
  switch (rung.when) {
    case 'same-failure': {
      const same = sameFailure(run);
      return same >= rung.count ? `the same failure ${same} passes in a row` : null;
    }
    case 'passes':
      return passes >= rung.count ? `${passes} red passes` : null;
    case 'stuck':
    case 'no-improvement':
    case 'exhausted':
    case 'checker-rejects':
      return null;
  }
}

const step = (run: RunState, rung: Rung, because: string): Step =>
  rung.maker === null ? { to: 'human', because } : { to: 'rung', rung: run.rung + 1, maker: rung.maker, because };

export interface Choice {
  readonly rung: number;
  readonly maker: AgentDefinition;
  /** `2 strong (claude)`. */
  readonly label: string;
}

/** What an operator can escalate to: the rungs above, and each stronger tier of the same engine that no rung names. */
export function choices(run: RunState): Choice[] {
  const rungs = run.definition.escalate.flatMap((rung, index): Choice[] =>
    index < run.rung || rung.maker === null
      ? []
      : [{ rung: index + 1, maker: rung.maker, label: `${rung.maker.model} (${rung.maker.engine})` }],
  );
  const here = tierNames.indexOf(run.maker.model);
  const tiers = TIERS.slice(here === -1 ? TIERS.length : here + 1)
    .filter((tier) => !rungs.some((choice) => choice.maker.model === tier && choice.maker.engine === run.maker.engine))
    .map(
      (tier): Choice => ({
        rung: run.rung + 1,
        maker: { ...run.maker, model: tier },
        label: `${tier} (${run.maker.engine})`,
      }),
    );
  return [...rungs, ...tiers];
}

/** Whom `to` names: nothing = the next rung, a number = that rung, a tier or model = that model of the same engine; null when there is none. */
export function chosen(run: RunState, to: string | undefined): Choice | null {
  const all = choices(run);
  if (to === undefined || to === '') return all[0] ?? null;
  if (/^\d+$/.test(to)) return all.find((choice) => choice.rung === Number(to)) ?? null;
  const known = all.find((choice) => choice.maker.model === to);
  if (known) return known;
  if (to === run.maker.model) return null;
  return { rung: run.rung + 1, maker: { ...run.maker, model: to }, label: `${to} (${run.maker.engine})` };
}
