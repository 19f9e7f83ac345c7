/**
 * The present content of a worktree as a git tree: tracked, changed, deleted and untracked files, without the ignored ones.
 * Made in an index of our own, so the agent's index, its locks and its flags (assume-unchanged) neither suffer nor matter.
 */
import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, type Call, git, gitFailed } from './call.ts';
import { withoutFilters } from './drivers.ts';
import { absent, type Ground } from './paths.ts';
import { inWorktree, type Manifest, type Registration } from './registration.ts';

export interface Snapshot {
  /** Hash of the tree. */
  readonly tree: string;
  /** The commit the worktree is at; its base when the agent has lost HEAD. */
  readonly head: string;
  /** Git repositories that the agent made inside the worktree: no tree can hold their content. */
  readonly nested: readonly string[];
}

/**
 * `private`: new objects go into a folder that dies with the worktree, so looking leaves nothing in the repository.
 * `shared`: they go into the repository, to be committed.
 */
export type Store = 'private' | 'shared';

type Known = Registration & { readonly manifest: Manifest };

/** Only one at a time per worktree (the caller queues). */
export async function takeSnapshot(ground: Ground, known: Known, store: Store): Promise<Snapshot> {
  const bare = inWorktree(ground, known);
  const head = await headOf(bare, known.manifest.base);
  const scratch = await mkdtemp(join(known.ours, 'index-'));
  try {
    const index = join(scratch, 'index');
    const call = inWorktree(ground, known, {
      ...(store === 'private' ? await privateStore(ground, known) : {}),
      GIT_INDEX_FILE: index,
    });
    await copyIndex(join(known.ours, 'index'), index);
    // Entries equal to HEAD keep their file times, so only what differs is read again. -i: never look at the worktree.
    await git(['read-tree', '-i', '-m', head], call);
    const copied = known.manifest.copied.map(toBytes);
    await addIgnoredButStaged(bare, call, copied);
    const untracked = await untrackedPaths(call);
    // Untracked folders with a `.git` in them are listed as one entry that ends in a slash.
    const nested = untracked.flatMap((path) => (path.endsWith('/') ? [path.slice(0, -1)] : []));
    await addEverything(call, [...nested, ...untracked.filter((path) => isUnder(copied, path))]);
    const tree = (await git(['write-tree'], call)).trim();
    await rename(index, join(known.ours, 'index'));
    return { tree, head, nested: nested.map(toText) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Starts our index from the one that `git worktree add` has just written, which knows file times and sparse checkouts. */
export async function seedIndex(registration: Registration): Promise<void> {
  await mkdir(registration.ours, { recursive: true });
  await rm(join(registration.ours, 'index'), { force: true });
  await copyIndex(join(registration.admin, 'index'), join(registration.ours, 'index'));
}

/** The environment that makes `tree` of a private snapshot readable. */
export async function privateStore(
  ground: Ground,
  registration: Registration,
): Promise<{ GIT_OBJECT_DIRECTORY: string }> {
  const objects = join(registration.ours, 'objects');
  await mkdir(join(objects, 'info'), { recursive: true });
  await writeFile(join(objects, 'info', 'alternates'), `${join(ground.common, 'objects')}\n`);
  return { GIT_OBJECT_DIRECTORY: objects };
}

async function headOf(call: Call, base: string): Promise<string> {
  const answer = await ask(['rev-parse', '--quiet', '--verify', 'HEAD^{commit}'], call);
  return answer.code === 0 ? answer.stdout.toString('utf8').trim() : base;
}

/**
 * Copies an index to a file that must not exist; nothing when there is none to copy.
 * Git trusts a file's recorded times only when they are older than the index file itself (git: racy-git.txt), so a copy
 * must not look younger than the original; whole seconds, rounded down, are on the safe side.
 */
export async function copyIndex(from: string, to: string): Promise<void> {
  const there = await stat(from).catch(absent);
  if (there === null) return;
  await copyFile(from, to, constants.COPYFILE_EXCL);
  const second = Math.floor(there.mtimeMs / 1000);
  await utimes(to, second, second);
}

/** Files that the agent forced into its index although they are ignored: it wants them, and `add` would pass them over. */
async function addIgnoredButStaged(agents: Call, ours: Call, copied: readonly string[]): Promise<void> {
  const listed = await ask(['ls-files', '-z', '--cached', '--ignored', '--exclude-standard'], agents);
  // An index that the agent broke lists nothing; ours does not depend on it.
  if (listed.code !== 0) return;
  const paths = splitPaths(listed.stdout).filter((path) => !isUnder(copied, path));
  if (paths.length === 0) return;
  const args = ['update-index', '--add', '--remove', '-z', '--stdin'];
  await withoutFilters(args, { ...ours, input: joinPaths(paths) });
}

async function untrackedPaths(call: Call): Promise<string[]> {
  const args = ['ls-files', '-z', '--others', '--exclude-standard'];
  const listed = await ask(args, call);
  if (listed.code !== 0) throw gitFailed(args, call.cwd, listed);
  return splitPaths(listed.stdout);
}

/** Everything but `except`, of which none may be ignored (git refuses to exclude what it would not add). */
async function addEverything(call: Call, except: readonly string[]): Promise<void> {
  const pathspecs = [':(top)', ...except.map((path) => `:(top,exclude,literal)${path}`)];
  const args = ['add', '--all', '--pathspec-from-file=-', '--pathspec-file-nul'];
  await withoutFilters(args, { ...call, input: joinPaths(pathspecs) });
}

const isUnder = (parents: readonly string[], path: string): boolean =>
  parents.some((parent) => path === parent || path.startsWith(`${parent}/`));

// A file name is bytes, not text: in here it is a string of one character a byte (latin1), which survives unchanged.
const toBytes = (path: string): string => Buffer.from(path, 'utf8').toString('latin1');
const toText = (path: string): string => Buffer.from(path, 'latin1').toString('utf8');
const splitPaths = (bytes: Buffer): string[] => bytes.toString('latin1').split('\0').filter(Boolean);
const joinPaths = (paths: readonly string[]): Buffer =>
  Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
