/** Gives a run that could not land back to its maker, with the target in its worktree, so that it meets what is in the way. */
import type { RunId } from '../../../loop/units.ts';
import { isDiskFull } from '../../full-disk.ts';
import { type House, runOf, standingWorktree } from '../../house.ts';
import { killTree } from '../../process/kill.ts';
import { landingIn } from './landing-of.ts';

export async function landReturn(house: House, id: RunId): Promise<void> {
  const { ledger, repository } = house;
  const run = runOf(house, id);
  const landing = landingIn(run, 'returning');
  if (landing === null) return;
  const { onto } = landing.step;
  await killTree(run.nonce, null, { politeMs: 0 });
  const failed = await bringIn();
  await repository.landing.dropScratch(id);
  await ledger.record({ type: 'land-returned', run: id, base: failed === null ? onto : null, detail: failed ?? '' });

  /** Where it cannot be done the maker is told to do it itself. */
  async function bringIn(): Promise<string | null> {
    try {
      const worktree = await standingWorktree(run);
      await repository.releaseLocks({ worktree, branch: run.branch });
      const message = `Merge ${landing?.target} into ${run.branch}\n\nBrought in because ${id} could not land on it.\n`;
      return await repository.landing.bringIn({ worktree, branch: run.branch, onto, message });
    } catch (error) {
      if (isDiskFull(error)) throw error;
      return error instanceof Error ? error.message : String(error);
    }
  }
}
