/** The same gates red for the same reason, pass after pass (Grok pauses at 2 equal fingerprints, Codex at 3 turns with one blocker). */
import { redGate } from '../../run-status.ts';
import type { RunState } from '../../state.ts';
import type { Rule } from '../rule.ts';
import { failurePrint, passesOfRung, trailing } from './passes.ts';

export const sameFailure: Rule = {
  name: 'same-failure',
  // The first is reflected on in the next prompt anyway; the ladder's own rung for it comes before this acts.
  usual: { warn: null, nudge: null, after: 3 },
  remedy: 'climb',
  count: sameFailures,
  words(run) {
    const last = passesOfRung(run).at(-1);
    return `the same failure ${sameFailures(run)} passes in a row: ${last?.why || redGate(run, last)?.id || ''}`;
  },
  advice: 'What was tried did not touch the cause. Look for it where nobody has looked yet.',
};

/** How many passes in a row on the present rung ended in the same failure of the same gates. */
export function sameFailures(run: RunState): number {
  const ended = passesOfRung(run);
  const last = ended.at(-1);
  const print = last && failurePrint(run, last);
  return print ? trailing(ended, (pass) => failurePrint(run, pass) === print) : 0;
}
