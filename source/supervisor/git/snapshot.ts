/**
 * The present content of a worktree as a git tree: tracked, changed, deleted and untracked files, without the ignored ones.
 * Made in an index of our own, so the agent's index, its locks and its flags (assume-unchanged) neither suffer nor matter.
 */
import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, type Call, git, gitFailed } from './call.ts';
import { blameFilter, withoutFilters } from './drivers.ts';
import { absent, type Ground } from './paths.ts';
import { exists, inWorktree, type Manifest, type Registration } from './registration.ts';

export interface Snapshot {
  /** Hash of the tree. */
  readonly tree: string;
  /** The commit the worktree is at; its base when the agent has lost HEAD. */
  readonly head: string;
  /** Git repositories inside the worktree, submodules among them: no tree can hold their content. */
  readonly nested: readonly string[];
  /** A call that can read `tree`, wherever its objects are. */
  readonly call: Call;
}

/**
 * `private`: new objects go into a folder that dies with the worktree, so looking leaves nothing in the repository.
 * `shared`: they go into the repository, to be committed.
 */
export type Store = 'private' | 'shared';

type Known = Registration & { readonly manifest: Manifest };

/** Only one at a time per worktree (the caller queues). */
export async function takeSnapshot(ground: Ground, known: Known, store: Store): Promise<Snapshot> {
  const head = await headOf(inWorktree(ground, known), known.manifest.base);
  const objects = store === 'private' ? await privateStore(ground, known) : {};
  const scratch = await mkdtemp(join(known.ours, 'index-'));
  try {
    const index = join(scratch, 'index');
    const call = await withoutFilters(inWorktree(ground, known, { ...objects, GIT_INDEX_FILE: index }));
    await copyIndex(join(known.ours, 'index'), index);
    // Entries equal to HEAD keep their file times, so only what differs is read again. -i: never look at the worktree.
    await git(['read-tree', '-i', '-m', head], call);
    const copied = known.manifest.copied.map(toBytes);
    await addIgnoredButStaged(inWorktree(ground, known, { GIT_INDEX_FILE: join(known.admin, 'index') }), call, copied);
    const untracked = await untrackedPaths(call);
    const links = await populatedLinks(call);
    // Untracked folders with a `.git` in them are listed as one entry that ends in a slash.
    const nested = [...links, ...untracked.flatMap((path) => (path.endsWith('/') ? [path.slice(0, -1)] : []))];
    await addEverything(call, [...nested, ...untracked.filter((path) => isUnder(copied, path))]);
    const tree = (await git(['write-tree'], call)).trim();
    await rename(index, join(known.ours, 'index'));
    const readable = { ...call, set: { ...call.set, GIT_INDEX_FILE: join(known.ours, 'index') } };
    return { tree, head, nested: nested.map(toText), call: readable };
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

/** Objects written go into a folder of ours, which reads from the repository's what it does not have. */
async function privateStore(ground: Ground, registration: Registration): Promise<{ GIT_OBJECT_DIRECTORY: string }> {
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
  await git(args, { ...ours, input: joinPaths(paths) }).catch(blameFilter(ours));
}

async function untrackedPaths(call: Call): Promise<string[]> {
  const args = ['ls-files', '-z', '--others', '--exclude-standard'];
  const listed = await ask(args, call);
  if (listed.code !== 0) throw gitFailed(args, call.cwd, listed);
  return splitPaths(listed.stdout);
}

/**
 * Submodules that are checked out. `add` would run `git status` in each of them, under its own configuration with its own
 * filters, and no setting prevents that (measured with diff.ignoreSubmodules and submodule.<name>.ignore).
 */
async function populatedLinks(call: Call): Promise<string[]> {
  const args = ['ls-files', '-z', '--stage'];
  const listed = await ask(args, call);
  if (listed.code !== 0) throw gitFailed(args, call.cwd, listed);
  const links = splitPaths(listed.stdout).flatMap((line) => /^160000 [^\t]*\t(.*)$/s.exec(line)?.[1] ?? []);
  const there = await Promise.all(
    links.map((path) => exists(Buffer.from(`${toBytes(call.cwd)}/${path}/.git`, 'latin1'))),
  );
  return links.filter((_, index) => there[index]);
}

/** Everything but `except`, of which none may be ignored (git refuses to exclude what it would not add). */
async function addEverything(call: Call, except: readonly string[]): Promise<void> {
  const pathspecs = [':(top)', ...except.map((path) => `:(top,exclude,literal)${path}`)];
  const args = ['add', '--all', '--pathspec-from-file=-', '--pathspec-file-nul'];
  await git(args, { ...call, input: joinPaths(pathspecs) }).catch(blameFilter(call));
}

const isUnder = (parents: readonly string[], path: string): boolean =>
  parents.some((parent) => path === parent || path.startsWith(`${parent}/`));

// A file name is bytes, not text: in here it is a string of one character a byte (latin1), which survives unchanged.
const toBytes = (path: string): string => Buffer.from(path, 'utf8').toString('latin1');
const toText = (path: string): string => Buffer.from(path, 'latin1').toString('utf8');
const splitPaths = (bytes: Buffer): string[] => bytes.toString('latin1').split('\0').filter(Boolean);
const joinPaths = (paths: readonly string[]): Buffer =>
  Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
