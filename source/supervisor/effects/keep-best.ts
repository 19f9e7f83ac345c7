/** Brings a run that stops short of green back to its best pass, on its branch and in its worktree. */
import { type Best, bestWords } from '../../loop/keep-best.ts';
import type { RunId } from '../../loop/units.ts';
import { isDiskFull } from '../full-disk.ts';
import { type House, runOf, worktreeOf } from '../house.ts';
import { killTree } from '../process/kill.ts';

/** Journals also that it could not be done: the run is over, and nothing would come of trying for ever. */
export async function keepBest(house: House, id: RunId, best: Best, after: number): Promise<void> {
  const run = runOf(house, id);
  const { gate, pass, score, tree } = best;
  const done = { type: 'best-kept', run: id, gate, pass, score, after } as const;
  const subject = run.definition.goal.split('\n')[0]?.slice(0, 50) ?? run.loop;
  await killTree(run.nonce, null, { politeMs: 0 });
  try {
    await house.repository.releaseLocks({ worktree: worktreeOf(run), branch: run.branch });
    const { commit } = await house.repository.restore({
      worktree: worktreeOf(run),
      branch: run.branch,
      tree,
      leaving: `loop(${run.loop}): as it was after pass ${run.pass}, no better\n\nRun ${id}.\n`,
      message: `loop(${run.loop}): ${subject}\n\nRun ${id}, ${bestWords(best)}. Its gates were not all green.\n`,
    });
    await house.ledger.record({ ...done, commit, detail: '' });
  } catch (error) {
    if (isDiskFull(error)) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    await house.ledger.record({ ...done, commit: null, detail });
  }
}
