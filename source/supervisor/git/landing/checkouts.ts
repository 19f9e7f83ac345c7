/** Where a branch is checked out, and whether what is there can be moved along with it. It only reads. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Call, git } from '../call.ts';
import { withoutFilters } from '../drivers.ts';
import { type Ground, inRoot, isInside, printable } from '../paths.ts';
import { exists, findRegistration } from '../registration.ts';

/** A checkout of the operator's. */
export interface Checkout {
  readonly path: string;
  /** Its own git folder. */
  readonly gitDir: string;
  /** With the operator's own index, and no program of the repository's choosing. */
  readonly call: Call;
}

/** How long a git of the operator's may hold the index. */
const LOCK_MS = 5000;

/** Null when it is checked out nowhere; a text when it is somewhere that nobody may move it. */
export async function checkoutOf(ground: Ground, ref: string): Promise<Checkout | string | null> {
  const listed = await git(['worktree', 'list', '--porcelain', '-z'], inRoot(ground)).catch(() =>
    // Before git 2.36 there is no -z.
    git(['worktree', 'list', '--porcelain'], inRoot(ground)).then((text) => text.replaceAll('\n', '\0')),
  );
  const places = listed.split('\0\0').flatMap((entry) => {
    const fields = entry.split('\0');
    const path = fields.find((field) => field.startsWith('worktree '))?.slice('worktree '.length);
    return path !== undefined && fields.includes(`branch ${ref}`) ? [path] : [];
  });
  const [path] = places;
  if (path === undefined) return null;
  const name = ref.slice('refs/heads/'.length);
  if (places.length > 1) return `${name} is checked out in ${places.length} places: leave it in all but one`;
  if (isInside(ground.worktrees, path)) return `${name} is checked out in the worktree of a run (${printable(path)})`;
  return opened(ground, path);
}

async function opened(ground: Ground, path: string): Promise<Checkout | string> {
  if (path === ground.root) return { path, gitDir: ground.gitDir, call: await withoutFilters(inRoot(ground)) };
  const found = await findRegistration(ground, path);
  // The main checkout, seen from a linked worktree of the operator's.
  const gitDir = found?.admin ?? ground.common;
  if (!(await exists(path))) return `${printable(path)} has it checked out and is gone: git worktree prune`;
  const set = { GIT_DIR: gitDir, GIT_COMMON_DIR: ground.common, GIT_WORK_TREE: path };
  return { path, gitDir, call: await withoutFilters({ cwd: path, env: ground.env, set }) };
}

/** What git is in the middle of, by the files it keeps meanwhile. */
const UNDER_WAY: readonly (readonly [file: string, what: string])[] = [
  ['MERGE_HEAD', 'a merge'],
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['BISECT_LOG', 'a bisection'],
];

/** Why its files cannot follow the branch, in words that say what to do; null when they can. Waits for a git that is at work there. */
export async function whyNotMovable({ path, gitDir, call }: Checkout): Promise<string | null> {
  const deadline = performance.now() + LOCK_MS;
  while (await exists(join(gitDir, 'index.lock'))) {
    if (performance.now() > deadline) return `git is at work in ${path} (or left ${join(gitDir, 'index.lock')} behind)`;
    await sleep(100);
  }
  for (const [file, what] of UNDER_WAY)
    if (await exists(join(gitDir, file))) return `${what} is under way in ${path}: finish or abort it, then land again`;
  const dirty = await changedIn(call);
  if (dirty.length === 0) return null;
  const more = dirty.length > 3 ? ` and ${dirty.length - 3} more` : '';
  const names = dirty.slice(0, 3).map(printable).join(', ');
  return `${path} has changes that are not committed (${names}${more}): commit or stash them, then land again`;
}

/** Tracked files that are not as they were committed. Neither an index is written for it, nor a submodule looked into. */
async function changedIn(call: Call): Promise<string[]> {
  const args = ['status', '--porcelain', '-z', '--untracked-files=no', '--no-renames', '--ignore-submodules=dirty'];
  const text = await git(args, call);
  return text.split('\0').flatMap((line) => (line === '' ? [] : [line.slice(3)]));
}

/** Index and files are those of `commit` already: somebody who meant to move there did not come to the end. */
export async function isAt(commit: string, { call }: Checkout): Promise<boolean> {
  const same = async (...args: readonly string[]): Promise<boolean> =>
    (await ask(['diff', '--quiet', '--no-ext-diff', '--no-textconv', ...args, commit, '--'], call)).code === 0;
  return (await same('--cached')) && (await same());
}
