/** "Done", over a red gate, again. A claim alone is how passes end; counted are those after which nothing was different. */

import { redGate } from '../../run-status.ts';
import type { RunState } from '../../state.ts';
import type { Rule } from '../rule.ts';
import { failurePrint, passesOfRung } from './passes.ts';

export const falseDone: Rule = {
  name: 'false-done',
  usual: { warn: null, nudge: 2, after: 3 },
  remedy: 'climb',
  count: claims,
  words(run) {
    const gate = redGate(run, passesOfRung(run).at(-1));
    return `said it was done ${claims(run)} passes in a row while ${gate?.id ?? 'a gate'} was red, and nothing new came of it`;
  },
  advice: 'Do not say that it is done before you have run the red gate yourself and seen it pass.',
};

/** Claims in a row at the end, of passes that each ended in a failure or a tree that was there before; the one they began with included. */
function claims(run: RunState): number {
  const ended = passesOfRung(run);
  let row = 0;
  const seen = new Set<string>();
  for (const pass of ended) {
    const signs = [`failure ${failurePrint(run, pass)}`, ...(pass.tree === null ? [] : [`tree ${pass.tree}`])];
    const stale = signs.some((sign) => seen.has(sign));
    for (const sign of signs) seen.add(sign);
    if (!pass.falseDone) row = 0;
    else row = stale ? row + 1 : 1;
  }
  return row;
}
