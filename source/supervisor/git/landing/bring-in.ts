/**
 * Brings a target's tip into a run's own worktree, as a merge on the run's branch: finished where all goes together, and begun where
 * not, with the conflicts marked in the files. The tip is the run's base from then on.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, type Call, git, gitFailed } from '../call.ts';
import { identity, isAncestor, resolve, writeCommit } from '../commit.ts';
import { blameFilter, withoutFilters, withoutMergeDrivers } from '../drivers.ts';
import { absent, baseRef, branchRef, type Ground, inRoot } from '../paths.ts';
import { inWorktree, type Manifest, type Registration, writeManifest } from '../registration.ts';
import { takeSnapshot } from '../snapshot.ts';

export interface Arrival {
  readonly branch: string;
  /** The commit to bring in. */
  readonly onto: string;
  readonly message: string;
}

/** Idempotent. Null when it is in; else why it could not be brought in, and nothing is changed. */
export async function bringIn(
  ground: Ground,
  known: Registration & { readonly manifest: Manifest },
  { branch, onto, message }: Arrival,
): Promise<string | null> {
  const own = inWorktree(ground, known, { GIT_INDEX_FILE: join(known.admin, 'index') });
  const plain = await withoutMergeDrivers(await withoutFilters(own));
  const call = { ...plain, set: { ...plain.set, ...(await identity(plain)) } };
  const head = await resolve('HEAD^{commit}', call);
  if (head === null || head !== (await resolve(branchRef(branch), call))) return `its worktree is not on ${branch}`;
  const under = (await readFile(join(known.admin, 'MERGE_HEAD'), 'utf8').catch(absent))?.trim();
  if (under !== undefined && under !== onto) return 'another merge is under way in its worktree';
  if (under === undefined && !(await isAncestor(onto, head, call))) {
    const { tree } = await takeSnapshot(ground, known, 'private');
    if (tree !== (await resolve(`${head}^{tree}`, call))) return 'its worktree has changes that are not committed';
    await git(['reset', '--quiet'], call);
    const failed = await merge(call, onto);
    if (failed !== null) return failed;
  }
  await finish(call, branch, head, onto, message);
  await git(['update-ref', baseRef(branch), onto], inRoot(ground));
  await writeManifest(known.ours, { ...known.manifest, base: onto });
  return null;
}

async function merge(call: Call, onto: string): Promise<string | null> {
  const args = ['merge', '--quiet', '--no-commit', '--no-ff', '--no-stat', '-s', 'recursive', onto];
  const answer = await ask(args, call);
  if (answer.code === 0 || (await unmerged(call))) return null;
  await ask(['merge', '--abort'], call);
  return gitFailed(args, call.cwd, answer).message;
}

const unmerged = async (call: Call): Promise<boolean> => (await git(['ls-files', '--unmerged'], call)) !== '';

/** A merge without conflicts is committed at once, so that the maker finds a clean worktree. */
async function finish(call: Call, branch: string, head: string, onto: string, message: string): Promise<void> {
  if ((await isAncestor(onto, head, call)) || (await unmerged(call))) return;
  const tree = (await git(['write-tree'], call)).trim();
  const commit = await writeCommit(tree, [head, onto], message, call);
  await git(['update-ref', '-m', 'looptop: bring in', branchRef(branch), commit, head], call);
  await git(['reset', '--quiet'], call).catch(blameFilter(call));
}
