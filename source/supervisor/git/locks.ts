/** Lock files that a git which was killed leaves behind (18 of 60 kills did). Only those of one worktree and its branch. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { branchRef, type Ground } from './paths.ts';
import { exists, findRegistration } from './registration.ts';

/** Removes them and returns which there were. The caller must know that no process of the run lives. */
export async function releaseLocks(ground: Ground, worktree: string, branch: string): Promise<readonly string[]> {
  const found = await findRegistration(ground, worktree);
  const locks = [join(ground.common, `${branchRef(branch)}.lock`)];
  if (found) locks.push(join(found.admin, 'index.lock'), join(found.admin, 'HEAD.lock'));
  const removed: string[] = [];
  for (const lock of locks) {
    if (!(await exists(lock))) continue;
    await rm(lock, { force: true });
    removed.push(lock);
  }
  return removed;
}
