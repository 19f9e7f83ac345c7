/**
 * Brings a worktree and its branch back to an earlier state of the same worktree. Nothing is lost by it: what stands there is
 * committed first, so the history of the branch has both, and the restored state on top.
 */
import { ask, gitFailed } from './call.ts';
import { type Committed, commitEverything } from './commit.ts';
import { blameFilter } from './drivers.ts';
import type { Ground } from './paths.ts';
import type { Manifest, Registration } from './registration.ts';
import { takeSnapshot } from './snapshot.ts';

export interface Restoration {
  readonly branch: string;
  /** Content to go back to: a tree that `treeOf` returned for this worktree. */
  readonly tree: string;
  /** Message of the commit of what stands there now, where that is something else. */
  readonly leaving: string;
  /** Message of the commit of what is brought back. */
  readonly message: string;
}

/** Idempotent. Must be called alone with the worktree and in the repository's queue. Throws InfraError, ConfigError. */
export async function restoreTree(
  ground: Ground,
  known: Registration & { readonly manifest: Manifest },
  { branch, tree, leaving, message }: Restoration,
): Promise<Committed> {
  const now = await takeSnapshot(ground, known, 'private');
  if (now.tree !== tree) {
    await commitEverything(ground, known, branch, leaving);
    // Our own index says what the worktree holds since the snapshot, so git knows which files to take away.
    const { call } = await takeSnapshot(ground, known, 'private');
    const args = ['read-tree', '--reset', '-u', tree];
    const answer = await ask(args, call);
    if (answer.code !== 0) return blameFilter(call)(gitFailed(args, call.cwd, answer));
  }
  return commitEverything(ground, known, branch, message);
}
