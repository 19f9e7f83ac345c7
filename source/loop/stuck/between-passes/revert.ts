/** A pass that brings the worktree back to what an earlier pass had left: A, B, and A again. */
import type { Pass, RunState } from '../../state.ts';
import type { Rule } from '../rule.ts';
import { passesOfRung } from './passes.ts';

export const revert: Rule = {
  name: 'revert',
  usual: { warn: null, nudge: 1, after: 2 },
  remedy: 'climb',
  count: (run) => reverts(run).length,
  words(run) {
    const found = reverts(run);
    const last = found.at(-1);
    const back = `pass ${last?.pass.n} brought the files back to what pass ${last?.to.n} had left`;
    return found.length < 2 ? back : `editing back and forth: ${back}, for the ${ordinal(found.length)} time`;
  },
  advice: 'Both ways were tried and both are red. The cause is in neither of them: find a third.',
};

/** The passes that undid others, as long as the newest is one of them. */
function reverts(run: RunState): readonly { readonly pass: Pass; readonly to: Pass }[] {
  const ended = passesOfRung(run).filter((pass) => pass.tree !== null);
  const found = ended.flatMap((pass, index) => {
    if (pass.tree === ended[index - 1]?.tree) return [];
    const to = ended.slice(0, Math.max(0, index - 1)).findLast((earlier) => earlier.tree === pass.tree);
    return to === undefined ? [] : [{ pass, to }];
  });
  return found.at(-1)?.pass === ended.at(-1) ? found : [];
}

const ordinal = (n: number): string => (n === 2 ? '2nd' : n === 3 ? '3rd' : `${n}th`);
