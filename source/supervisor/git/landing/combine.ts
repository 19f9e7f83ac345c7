/** Puts a run's work together with the tip of its target, in a scratch worktree that shows the tip. Neither branch is touched. */
import { join } from 'node:path';
import { InfraError } from '../../../loop/errors.ts';
import type { LandHow } from '../../../loop/state.ts';
import { ask, type Call, git, gitFailed } from '../call.ts';
import { identity, isAncestor, writeCommit } from '../commit.ts';
import { type Changes, countChanges } from '../compare.ts';
import { blameFilter, withoutFilters, withoutMergeDrivers } from '../drivers.ts';
import type { Ground } from '../paths.ts';
import { inWorktree, type Manifest, type Registration } from '../registration.ts';
import { type Conflicts, conflictsIn, markedFiles } from './conflicts.ts';

export interface Combination {
  /** The target's tip; the scratch shows it. */
  readonly onto: string;
  readonly commit: string;
  readonly how: LandHow;
  /** Message of the commit that is made, where one is. */
  readonly message: string;
  /** Files that may have no conflict marker left in them. */
  readonly marked: readonly string[];
}

export type Combined =
  | ({ readonly is: 'clean'; readonly commit: string } & Changes)
  | ({ readonly is: 'conflict' } & Conflicts);

/** The scratch shows the combination afterwards; of a conflict, no matter what. Throws InfraError, ConfigError. */
export async function combine(
  ground: Ground,
  scratch: Registration & { readonly manifest: Manifest },
  { onto, commit, how, message, marked }: Combination,
): Promise<Combined> {
  // With the worktree's own index, for it is git itself that works here.
  const own = inWorktree(ground, scratch, { GIT_INDEX_FILE: join(scratch.admin, 'index') });
  const plain = await withoutMergeDrivers(await withoutFilters(own));
  const call = { ...plain, set: { ...plain.set, ...(await identity(plain)) } };
  const done = (await replayed(call, onto, commit, how)) ?? (await merged(call, onto, commit, how, message));
  if (typeof done !== 'string') return { is: 'conflict', ...done };
  const left = await markedFiles(call, done, marked);
  if (left.files.length > 0) return { is: 'conflict', ...left };
  await git(['reset', '--hard', '--quiet', done], call).catch(blameFilter(call));
  return { is: 'clean', commit: done, ...(await countChanges(onto, done, call)) };
}

/** `rebase`, commit by commit, where the run's history is a line and each of them fits; null where not. */
async function replayed(call: Call, onto: string, commit: string, how: LandHow): Promise<string | null> {
  if (await isAncestor(commit, onto, call)) return onto;
  if (how !== 'rebase') return null;
  const merges = await git(['rev-list', '--merges', '--count', `${onto}..${commit}`], call);
  if (merges.trim() !== '0') return null;
  if (await isAncestor(onto, commit, call)) return commit;
  const base = await ask(['merge-base', onto, commit], call);
  if (base.code !== 0) throw new InfraError(`${commit.slice(0, 12)} and ${onto.slice(0, 12)} have no common history`);
  await git(['reset', '--hard', '--quiet', commit], call).catch(blameFilter(call));
  const args = ['rebase', '--quiet', '--no-fork-point', '--onto', onto, base.stdout.toString('utf8').trim()];
  const answer = await ask(args, call);
  if (answer.code === 0) return (await git(['rev-parse', 'HEAD'], call)).trim();
  await ask(['rebase', '--abort'], call);
  await git(['reset', '--hard', '--quiet', onto], call).catch(blameFilter(call));
  return null;
}

/** The whole of it at once: a merge commit for `merge`, one commit on top of the target else. */
async function merged(
  call: Call,
  onto: string,
  commit: string,
  how: LandHow,
  message: string,
): Promise<string | Conflicts> {
  const args = ['merge', '--quiet', '--no-commit', '--no-ff', '--no-stat', '-s', 'recursive', commit];
  const answer = await ask(args, call);
  if (answer.code !== 0) {
    const conflicts = await conflictsIn(call);
    if (conflicts.files.length === 0) throw gitFailed(args, call.cwd, answer);
    return conflicts;
  }
  const tree = (await git(['write-tree'], call)).trim();
  const parents = how === 'merge' || how === 'pr' ? [onto, commit] : [onto];
  return writeCommit(tree, parents, message, call);
}
