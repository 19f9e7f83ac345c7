/** Passes that leave the worktree exactly as it was, by its git tree. */
import type { RunState } from '../../state.ts';
import type { Rule } from '../rule.ts';
import { passesOfRung, trailing } from './passes.ts';

export const noDiff: Rule = {
  name: 'no-diff',
  usual: { warn: null, nudge: 1, after: 2 },
  remedy: 'climb',
  count: still,
  words: (run) =>
    still(run) === 1 ? 'the last pass changed no file' : `${still(run)} passes in a row changed no file`,
  advice: 'The gates will say the same again. Change something, or say why nothing can be changed.',
};

/** The first of equal trees may have made the change; only those after it changed nothing. */
function still(run: RunState): number {
  const ended = passesOfRung(run);
  const tree = ended.at(-1)?.tree ?? null;
  return tree === null ? 0 : Math.max(0, trailing(ended, (pass) => pass.tree === tree) - 1);
}
