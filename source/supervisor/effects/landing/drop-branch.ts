/** Deletes the branch of a run that landed or was discarded a week ago, where nobody has touched it since. */
import type { House } from '../../house.ts';

export async function dropBranch({ ledger, repository }: House, branch: string): Promise<void> {
  const keepsake = ledger.state.keepsakes[branch];
  if (keepsake === undefined) return;
  const kept = await repository.landing.dropBranch(branch, keepsake.commit);
  await ledger.record({ type: 'branch-dropped', branch, of: keepsake.run, kept });
}
