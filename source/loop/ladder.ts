/** The escalation ladder: which rung a run climbs by itself, and what an operator's escalation means. One rung at a time, never skipped. */
import type { AgentDefinition, Rung } from './definition/definition.ts';
import type { FleetState, Pass, RunState } from './state.ts';
import { standstill } from './stuck/between-passes/no-improvement.ts';
import { passesOfRung, trailing } from './stuck/between-passes/passes.ts';
import { sameFailures } from './stuck/between-passes/same-failure.ts';

/** Tiers from the cheapest to the strongest. */
export const TIERS = ['cheap', 'standard', 'strong'] as const;
export type Tier = (typeof TIERS)[number];
const tierNames: readonly string[] = TIERS;

export type Step =
  | { readonly to: 'rung'; readonly rung: number; readonly maker: AgentDefinition; readonly because: string }
  | { readonly to: 'human'; readonly because: string };

/** The next rung when its own reason holds, before the next pass starts; null = stay. */
export function climb(run: RunState): Step | null {
  const rung = run.definition.escalate[run.rung];
  const because = rung && tripped(run, rung);
  return rung && because ? step(run, rung, because) : null;
}

/** What a stuck rule that acted leads to: the next rung where it is one for `stuck`, else a person. */
export function stepWhenStuck(run: RunState, words: string): Step {
  const rung = run.definition.escalate[run.rung];
  return rung?.when === 'stuck' ? step(run, rung, words) : { to: 'human', because: words };
}

/** The next rung, where it is one for a run that is at its cap: it is climbed when a person has raised the cap, never before. */
export function climbWhenRaised(run: RunState): Extract<Step, { to: 'rung' }> | null {
  const rung = run.definition.escalate[run.rung];
  if (rung?.when !== 'exhausted') return null;
  const next = step(run, rung, 'the caps were used up, and raised');
  return next.to === 'rung' ? next : null;
}

function tripped(run: RunState, rung: Rung): string | null {
  const ended = passesOfRung(run);
  switch (rung.when) {
    case 'same-failure': {
      const same = sameFailures(run);
      return same >= rung.count ? `the same failure ${times(same)} in a row` : null;
    }
    case 'passes':
      return ended.length >= rung.count ? `${ended.length} red ${ended.length === 1 ? 'pass' : 'passes'}` : null;
    case 'no-improvement': {
      const still = standstill(run);
      return still !== null && still.passes >= rung.count ? `${still.gate} got no better ${times(still.passes)}` : null;
    }
    case 'checker-rejects': {
      const rejected = trailing(ended, (pass) => rejects(run, pass));
      return rejected >= rung.count ? `the checker refuted ${times(rejected)} in a row` : null;
    }
    case 'stuck': {
      // A rule has ended the pass while the agent was at work; a rule between passes is judged apart.
      const { cut, cuts } = run.stuck;
      return cut !== null && cut.pass === ended.at(-1)?.n && cuts >= rung.count ? cut.words : null;
    }
    case 'exhausted':
      return null;
  }
}

/** All other gates were green, and the checker was not convinced. */
const rejects = (run: RunState, pass: Pass): boolean =>
  pass.gates.some(({ id, status }) => id === run.definition.checker?.gate && status === 'red');

const times = (passes: number): string => `${passes} ${passes === 1 ? 'pass' : 'passes'}`;

const step = (run: RunState, rung: Rung, because: string): Step =>
  rung.maker === null ? { to: 'human', because } : { to: 'rung', rung: run.rung + 1, maker: rung.maker, because };

/** In words, that the loop's last green run needed a rung above the first; null when it did not. */
export function neededRung(fleet: Pick<FleetState, 'turnedGreen'>, loop: string): string | null {
  const last = fleet.turnedGreen[loop];
  return last === undefined || last.rung === 0 ? null : `${last.run} needed rung ${last.rung} (${last.model})`;
}

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
