/** What is written down when a stuck rule speaks: the operator is shown it, the agent is told, the pass ends, the ladder is climbed or a person is asked. */
import type { RunEvent } from '../event.ts';
import { climb, type Step, stepWhenStuck } from '../ladder.ts';
import type { RunState } from '../state.ts';
import { type Stuck, stuckAtWork, stuckBetweenPasses } from '../stuck.ts';

/** For the run's living agent; null while it makes progress. `now` in ms since 1970. */
export function remedyAtWork(run: RunState, now: number): RunEvent | null {
  const stuck = stuckAtWork(run, now);
  if (stuck === null) return null;
  if (stuck.level !== 'act') return milder(run, stuck, now);
  const { rule, words } = stuck;
  const step = stepWhenStuck(run, words);
  // Nobody stronger is allowed more; and what the ladder hands to a person is handed over as it stands.
  if (rule.remedy === 'ask') return paused(run, words);
  if (step.to === 'rung' || (rule.remedy === 'end-pass' && run.definition.escalate[run.rung]?.when !== 'stuck')) {
    const advice = `The pass before was ended: ${rule.words(run, now)}. ${rule.advice}`;
    return { type: 'pass-cut', run: run.id, rule: rule.name, words, advice };
  }
  return paused(run, words);
}

/** Before the next pass of the run starts; null when it may start as it is. */
export function remedyBetweenPasses(run: RunState, now: number): RunEvent | null {
  const own = climb(run);
  if (own !== null) return taken(run, own);
  const stuck = stuckBetweenPasses(run, now);
  if (stuck === null) return null;
  return stuck.level === 'act' ? taken(run, stepWhenStuck(run, stuck.words)) : milder(run, stuck, now);
}

function milder(run: RunState, { rule, level, words }: Stuck, now: number): RunEvent {
  if (level === 'warn') return { type: 'suspected', run: run.id, rule: rule.name, words };
  const seen = rule.words(run, now);
  const text = `${seen.charAt(0).toUpperCase()}${seen.slice(1)}. ${rule.advice}`;
  return { type: 'nudged', run: run.id, rule: rule.name, text };
}

const taken = (run: RunState, step: Step): RunEvent =>
  step.to === 'human'
    ? paused(run, step.because)
    : { type: 'climbed', run: run.id, rung: step.rung, maker: step.maker, because: step.because };

const paused = (run: RunState, detail: string): RunEvent => ({ type: 'paused', run: run.id, why: 'stuck', detail });
