/** What a stuck rule is: something that is counted, words for it, and thresholds that a loop file may move. */
import type { LoopDefinition, StuckRule, StuckSetting } from '../definition/definition.ts';
import type { RunState } from '../state.ts';

/**
 * From which count on what is done. `warn`: the operator sees it. `nudge`: the agent is told. `after`: the rule acts. Null = never.
 * Counts are calls, passes or responses; of `silent` milliseconds, of `burn` shares of the budget.
 */
export interface Thresholds {
  readonly warn: number | null;
  readonly nudge: number | null;
  readonly after: number | null;
}

/** What a rule leads to when it acts. `climb`: up the ladder where its next rung is for `stuck`, else a person is asked. */
export type Remedy = 'climb' | 'ask' | 'end-pass';

export interface Rule {
  readonly name: StuckRule;
  readonly usual: Thresholds;
  readonly remedy: Remedy;
  /** What is held against the thresholds; cheap, for it is asked at every event. `now` in ms since 1970. */
  count(run: RunState, now: number): number;
  /** For a person: what is wrong, and how often. */
  words(run: RunState, now: number): string;
  /** For the agent: what to do instead. */
  readonly advice: string;
}

const NEVER: Thresholds = { warn: null, nudge: null, after: null };

/** The rule's thresholds in this loop. Where the file moves `after` alone, the others move with it. */
export function thresholds({ stuck }: LoopDefinition, { name, usual }: Pick<Rule, 'name' | 'usual'>): Thresholds {
  const set: StuckSetting | undefined = stuck[name];
  if (set === undefined) return usual;
  if (set === 'off') return NEVER;
  const after = set.after === undefined ? usual.after : set.after;
  const scale = after !== null && usual.after !== null ? after / usual.after : 1;
  const moved = (own: number | null | undefined, common: number | null): number | null => {
    if (own !== undefined) return own;
    if (common === null) return null;
    const at = common >= 1 ? Math.floor(common * scale) : common * scale;
    return at <= 0 || (after !== null && at >= after) ? null : at;
  };
  return { warn: moved(set.warn, usual.warn), nudge: moved(set.nudge, usual.nudge), after };
}

/** `the same failure 3 passes in a row: … (same-failure)`: the rule's name is what a loop file would have to set. */
export const named = (words: string, rule: StuckRule): string => `${words} (${rule})`;
