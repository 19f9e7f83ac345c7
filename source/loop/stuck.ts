/** When a run goes in circles: the rules in the order in which they are asked, and what the first one to speak says. */
import type { RunState } from './state.ts';
import { burn } from './stuck/at-work/burn.ts';
import { chant } from './stuck/at-work/chant.ts';
import { cycle } from './stuck/at-work/cycle.ts';
import { denied } from './stuck/at-work/denied.ts';
import { monologue } from './stuck/at-work/monologue.ts';
import { repeat } from './stuck/at-work/repeat.ts';
import { repeatError } from './stuck/at-work/repeat-error.ts';
import { silent } from './stuck/at-work/silent.ts';
import { falseDone } from './stuck/between-passes/false-done.ts';
import { noDiff } from './stuck/between-passes/no-diff.ts';
import { noImprovement } from './stuck/between-passes/no-improvement.ts';
import { revert } from './stuck/between-passes/revert.ts';
import { sameFailure } from './stuck/between-passes/same-failure.ts';
import { named, type Rule, thresholds } from './stuck/rule.ts';

/** Of the agent at work, asked at every event. */
const AT_WORK: readonly Rule[] = [denied, repeat, repeatError, cycle, chant, monologue, silent, burn];
/** Of the passes that ended on the present rung, asked before the next one starts. */
const BETWEEN_PASSES: readonly Rule[] = [sameFailure, noDiff, revert, noImprovement, falseDone];

export interface Stuck {
  readonly rule: Rule;
  /** `warn`: the operator sees it. `nudge`: the agent is told. `act`: the rule's remedy. */
  readonly level: 'warn' | 'nudge' | 'act';
  /** For a person: what repeats, how often, and which rule says so. */
  readonly words: string;
}

/** Judges the agent at work; null while it makes progress, or when all that is to be said was said. `now` in ms since 1970. */
export function stuckAtWork(run: RunState, now: number): Stuck | null {
  // A note reaches an agent with the next answer, when it has mostly chosen its next call: it gets one more.
  const grace = run.agent?.guidance === true ? 1 : 0;
  return judged(AT_WORK, run, now, grace);
}

/** Judges the passes that ended on the present rung. */
export const stuckBetweenPasses = (run: RunState, now: number): Stuck | null => judged(BETWEEN_PASSES, run, now, 0);

function judged(rules: readonly Rule[], run: RunState, now: number, grace: number): Stuck | null {
  let milder: Stuck | null = null;
  for (const rule of rules) {
    const count = rule.count(run, now);
    if (count === 0) continue;
    const { warn, nudge, after } = thresholds(run.definition, rule);
    const stuck = (level: Stuck['level']): Stuck => ({ rule, level, words: named(rule.words(run, now), rule.name) });
    // Milliseconds and shares know no "one more".
    const more = nudge !== null && Number.isInteger(nudge) && nudge < 1000 ? grace : 0;
    if (after !== null && count >= after + more) return stuck('act');
    if (milder?.level === 'nudge') continue;
    if (nudge !== null && count >= nudge && !run.nudged.includes(rule.name)) milder = stuck('nudge');
    else if (warn !== null && count >= warn && run.stuck.suspicion === null) milder ??= stuck('warn');
  }
  return milder;
}
