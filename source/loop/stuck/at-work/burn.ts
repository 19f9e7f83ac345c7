/**
 * Money goes and nothing is done: what was spent since a call last showed something new. Unless a loop file says from when on, it
 * never acts: the caps do. The operator sees it early enough to stop it sooner.
 */
import { usdPerMinute } from '../../pace.ts';
import { agentIsAlive } from '../../run-status.ts';
import type { RunState } from '../../state.ts';
import { fresh } from '../../tokens.ts';
import { formatTokens, formatUsd } from '../../units.ts';
import type { Rule } from '../rule.ts';

export const burn: Rule = {
  name: 'burn',
  usual: { warn: 0.15, nudge: null, after: null },
  remedy: 'climb',
  count(run) {
    const { budget } = run;
    const { tokens, usd } = since(run);
    return Math.max(tokens / budget.tokens, usd / budget.usd);
  },
  words(run, now) {
    const { tokens, usd } = since(run);
    const pace = usdPerMinute(run.pace, now);
    const share = Math.round(100 * this.count(run, now));
    const speed = pace >= 0.01 ? `, ${formatUsd(pace)} a minute` : '';
    return `${formatTokens(tokens)} tokens (${formatUsd(usd)}${speed}), ${share} % of its budget, without anything new`;
  },
  advice: 'You have spent much and seen nothing new. Take the smallest step that shows whether you are right, now.',
};

/** What was spent since the last news. A shell maker's calls are not seen, so nothing of it is held against it. */
function since(run: RunState): { readonly tokens: number; readonly usd: number } {
  const { news } = run.stuck.watch;
  if (news === null || run.agent?.engine === 'shell' || !agentIsAlive(run)) return { tokens: 0, usd: 0 };
  const { total } = run.meter;
  return { tokens: Math.max(0, fresh(total.tokens) - news.fresh), usd: Math.max(0, total.usd - news.usd) };
}
