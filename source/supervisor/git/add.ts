/**
 * Makes the worktree and branch of a run. Whatever a crash left behind, calling it again ends with a good worktree, and
 * nothing that anybody may have worked in is touched: then the next free name is taken (`ci-fix-3.2`).
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, InfraError } from '../../loop/errors.ts';
import { ask, type Call, git } from './call.ts';
import { copyInto } from './copy.ts';
import { blameFilter, withoutFilters } from './drivers.ts';
import { absent, baseRef, branchRef, checkRunName, type Ground, inRoot, isInside, printable } from './paths.ts';
import { exists, findRegistration, type Registration, writeManifest } from './registration.ts';
import { seedIndex } from './snapshot.ts';

export interface WorktreeRequest {
  readonly run: string;
  /** What to start from; null for the commit HEAD points at. */
  readonly base: string | null;
  /** Name for its branch, under `loop/`; `loop/<run>` when null or absent. */
  readonly branch?: string | null;
  /** Untracked files or folders of the main checkout to copy in, relative to the repository. */
  readonly copy: readonly string[];
  /** Tells this run from one of the same name in an earlier life of the repository, whose worktree may still be there. */
  readonly nonce?: string;
}

export interface Worktree {
  readonly worktree: string;
  readonly branch: string;
  /** The commit it started from. */
  readonly base: string;
}

/** One try: the folder, branch and pin that go with one name. */
interface Place {
  readonly worktree: string;
  readonly branch: string;
}

/** Must be called in the repository's queue. Throws ConfigError, InfraError. */
export async function makeWorktree(ground: Ground, request: WorktreeRequest): Promise<Worktree> {
  checkRunName(request.run);
  await refuseBranchNamedLoop(ground);
  await mkdir(ground.worktrees, { recursive: true, mode: 0o700 });
  for (let n = 1; n < 100; n++) {
    const name = n === 1 ? request.run : `${request.run}.${n}`;
    const wanted = request.branch ?? `loop/${request.run}`;
    const branch = n === 1 ? wanted : `${wanted}.${n}`;
    branchRef(branch);
    const place = { worktree: join(ground.worktrees, name), branch };
    if (!isInside(ground.worktrees, place.worktree)) throw new ConfigError(`'${printable(name)}' leaves its folder`);
    const made = await tryPlace(ground, place, request).catch(async (error: unknown) => {
      if (!(error instanceof InfraError)) throw error;
      // A git that a dead supervisor had started may still have been at work here: once more, a little later.
      await sleep(500);
      return tryPlace(ground, place, request);
    });
    if (made) return made;
  }
  throw new InfraError(
    `${ground.worktrees} has 99 worktrees called ${request.run}: look what they hold and remove them`,
  );
}

/** Null when the place belongs to somebody else. */
async function tryPlace(ground: Ground, place: Place, request: WorktreeRequest): Promise<Worktree | null> {
  const found = await findRegistration(ground, place.worktree);
  const isThere = await exists(place.worktree);

  if (found?.manifest) {
    const { nonce, branch, base } = found.manifest;
    if (nonce !== (request.nonce ?? '')) return null;
    if (isThere) {
      await repairGitFile(ground, found);
      return { worktree: place.worktree, branch, base };
    }
    // Somebody deleted the folder of a run that goes on: its commits are on the branch.
    await unregister(ground, place.worktree);
    const again = { worktree: place.worktree, branch };
    const branchLives = (await commitOf(`refs/heads/${branch}`, inRoot(ground))) !== null;
    return create(ground, again, base, request, branchLives ? ['--', again.worktree, branch] : fresh(again, base));
  }
  if (found) {
    // Never completed, so never handed out: nobody has worked in it.
    if (isThere) await moveToTrash(ground, place.worktree);
    await unregister(ground, place.worktree);
  } else if (isThere && !(await removedAsEmpty(place.worktree))) {
    return null;
  }
  if (!(await branchIsFree(ground, place.branch))) return null;

  const base = await baseCommit(ground, request.base);
  await git(['update-ref', baseRef(place.branch), base], inRoot(ground));
  return create(ground, place, base, request, fresh(place, base));
}

/** --no-track: 29 of 75 parallel additions with an upstream failed on the lock of the shared configuration. */
const fresh = ({ worktree, branch }: Place, base: string) => ['--no-track', '-b', branch, '--', worktree, base];

async function create(
  ground: Ground,
  place: Place,
  base: string,
  request: WorktreeRequest,
  args: readonly string[],
): Promise<Worktree> {
  const call = await withoutFilters(inRoot(ground));
  await git(['worktree', 'add', '--quiet', ...args], call).catch(blameFilter(call));
  const registration = await findRegistration(ground, place.worktree);
  if (!registration) throw new InfraError(`git made ${place.worktree} but does not list it`);
  await seedIndex(registration);
  const copied = await copyInto(ground, place.worktree, request.copy);
  await writeManifest(registration.ours, { nonce: request.nonce ?? '', branch: place.branch, base, copied });
  return { ...place, base };
}

async function baseCommit(ground: Ground, base: string | null): Promise<string> {
  const name = base ?? 'HEAD';
  const answer = name.startsWith('-') ? null : await commitOf(name, inRoot(ground));
  if (answer === null) throw new ConfigError(`base '${printable(name)}' is no branch, tag or commit of ${ground.root}`);
  return answer;
}

async function commitOf(name: string, call: Call): Promise<string | null> {
  const answer = await ask(['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{commit}`], call);
  return answer.code === 0 ? answer.stdout.toString('utf8').trim() : null;
}

/** A branch that still is where our own interrupted attempt made it goes away; any other is somebody's work. */
async function branchIsFree(ground: Ground, branch: string): Promise<boolean> {
  const call = inRoot(ground);
  const tip = await commitOf(`refs/heads/${branch}`, call);
  if (tip === null) return true;
  if (tip !== (await commitOf(baseRef(branch), call))) return false;
  await git(['update-ref', '-d', `refs/heads/${branch}`, tip], call);
  return true;
}

async function refuseBranchNamedLoop(ground: Ground): Promise<void> {
  if ((await commitOf('refs/heads/loop', inRoot(ground))) === null) return;
  throw new ConfigError(
    "a branch called 'loop' is in the way of the branches loop/<run>: rename it (git branch -m loop other-name)",
  );
}

/** The agent's `.git` file is a pointer; one that was lost or bent points back after this. */
async function repairGitFile(ground: Ground, { worktree, admin }: Registration): Promise<void> {
  const file = join(worktree, '.git');
  const pointer = `gitdir: ${admin}\n`;
  const present = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EISDIR') return '';
    return absent(error);
  });
  if (present === pointer) return;
  if (present !== null) {
    const aside = join(ground.worktrees, '.replaced');
    await mkdir(aside, { recursive: true });
    await rename(file, join(aside, `${basename(worktree)}-${randomBytes(4).toString('hex')}`));
  }
  await writeFile(file, pointer);
}

/**
 * Forgets a worktree whose folder is gone, and only that one (`git worktree prune` would forget the operator's too).
 * Twice --force: a killed `worktree add` leaves the lock that it holds while it works.
 */
export async function unregister(ground: Ground, worktree: string): Promise<void> {
  await git(['worktree', 'remove', '--force', '--force', '--', worktree], inRoot(ground));
}

/** A rename: 28 ms where removing 10,000 files took 779 ms. `emptyTrash` does the rest later. */
export async function moveToTrash(ground: Ground, worktree: string): Promise<void> {
  const trash = join(ground.worktrees, '.trash');
  await mkdir(trash, { recursive: true });
  await rename(worktree, join(trash, randomBytes(8).toString('hex')));
}

async function removedAsEmpty(folder: string): Promise<boolean> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return ['a file'];
    throw error;
  });
  if (entries.length > 0) return false;
  await rmdir(folder);
  return true;
}
