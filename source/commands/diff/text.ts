/** What a run changes as unified diff, read where it lies: in its worktree, or on its branch. */
import { existsSync } from 'node:fs';
import type { RunState } from '../../loop/state.ts';

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
  const { unifiedDiff } = await import('../../supervisor/git/compare.ts');
  return commit === null ? '' : unifiedDiff(base, commit, { cwd: root, env: process.env });
}
