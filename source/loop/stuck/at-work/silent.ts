/** Nothing comes from the agent. While one of its tools is at work that is a long build, which the operator sees and nobody ends. */
import type { RunState } from '../../state.ts';
import { formatDuration } from '../../units.ts';
import { type Rule, thresholds } from '../rule.ts';

const MINUTE = 60_000;

/** Amber and red after 5 and 15 minutes, ended after 30 (Gas Town restarts after 30). */
const usual = { warn: 5 * MINUTE, nudge: 15 * MINUTE, after: 30 * MINUTE };

export const silent: Rule = {
  name: 'silent',
  usual,
  remedy: 'end-pass',
  count(run, now) {
    const ms = quiet(run, now);
    const { warn } = thresholds(run.definition, { name: 'silent', usual });
    return toolAtWork(run) ? Math.min(ms, warn ?? 0) : ms;
  },
  words: (run, now) =>
    toolAtWork(run)
      ? `one call for ${formatDuration(quiet(run, now))}: ${run.calls.at(-1)?.label ?? 'its command'}`
      : `nothing from the agent for ${formatDuration(quiet(run, now))}`,
  advice: 'Nothing has come from you for a long time. Say what you are waiting for, and go on without it if you can.',
};

/** Milliseconds since it was heard; 0 while nobody listens. */
function quiet(run: RunState, now: number): number {
  const { heardAt } = run.stuck.watch;
  return heardAt === null || run.agent?.fact.is !== 'alive' ? 0 : Math.max(0, now - heardAt);
}

/** Of a shell maker nothing is seen but what it prints: all of it is one call. */
const toolAtWork = (run: RunState): boolean =>
  run.agent?.engine === 'shell' || run.calls.some((call) => call.result === null);

/** When silence alone reaches the next threshold (ms since 1970); null when it will not. */
export function nextSilence(run: RunState, now: number): number | null {
  const { heardAt } = run.stuck.watch;
  if (heardAt === null || run.agent?.fact.is !== 'alive') return null;
  const { warn, nudge, after } = thresholds(run.definition, { name: 'silent', usual });
  const marks = toolAtWork(run) ? [warn] : [warn, nudge, after];
  const next = marks.flatMap((mark) => (mark !== null && heardAt + mark > now ? [heardAt + mark] : []));
  return next.length === 0 ? null : Math.min(...next);
}
