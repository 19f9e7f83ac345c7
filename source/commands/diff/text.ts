/** What a run changes as unified diff, read where it lies: in its worktree, on its branch, or on the branch where it has landed. */
import { existsSync } from 'node:fs';
import type { FleetState, RunState } from '../../loop/state.ts';

/** What the worktree holds now; when it is gone, what was committed of it. Empty when there is neither. */
export async function diffText(
  root: string,
  { worktree, base, commit }: Pick<RunState, 'worktree' | 'base' | 'commit'>,
): Promise<string> {
  if (base === null) return '';
  if (worktree !== null && existsSync(worktree)) {
    const { openRepository } = await import('../../supervisor/git/repository.ts');
    return (await openRepository(root)).diff(worktree, base);
  }
  return commit === null ? '' : between(root, base, commit);
}

/**
 * What is under review: of a run that is committed the commit, so that ids of hunks are those that were recorded; of one that works,
 * its worktree; of one that is forgotten, what it has brought to the target.
 */
export async function reviewText(root: string, fleet: FleetState, id: string): Promise<string> {
  const run = fleet.runs[id];
  const landed = fleet.reading.landed[id];
  if (run !== undefined && run.commit !== null && run.base !== null) return between(root, run.base, run.commit);
  if (run === undefined) return landed === undefined ? '' : between(root, landed.before, landed.commit);
  return diffText(root, run);
}

async function between(root: string, from: string, to: string): Promise<string> {
  const { unifiedDiff } = await import('../../supervisor/git/compare.ts');
  return unifiedDiff(from, to, { cwd: root, env: process.env });
}
