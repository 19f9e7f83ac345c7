/** A git repository as the supervisor uses it: where it is, and worktrees for runs. Each operation is a file of this room. */
import { readdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConfigError, InfraError, UsageError } from '../../loop/errors.ts';
import { makeWorktree, type Worktree, type WorktreeRequest } from './add.ts';
import { type Answer, ask, git } from './call.ts';
import { type Change, changeBetween, fileAt } from './change.ts';
import { type Committed, commitEverything } from './commit.ts';
import { type Changes, changedFiles, countChanges, unifiedDiff } from './compare.ts';
import type { Environment } from './harden.ts';
import { type LandingGit, landingOn } from './landing/landing.ts';
import { releaseLocks } from './locks.ts';
import { absent, branchRef, type Ground, inRoot, isInside, worktreesFolder } from './paths.ts';
import { Queues } from './queue.ts';
import { type ReadingNotes, readingNotes } from './reading-notes.ts';
import { registrationOf } from './registration.ts';
import { reasonToKeep, takeAway } from './remove.ts';
import { type Restoration, restoreTree } from './restore.ts';
import { takeSnapshot } from './snapshot.ts';
import { type Brought, type Standing, standing } from './standing.ts';

export interface Repository {
  /** Top of the operator's checkout, symlinks resolved. */
  readonly root: string;
  readonly name: string;
  /** The branch checked out there when it was opened, or `(detached abc1234)`. */
  readonly branch: string;
  /** Folder of this repository's worktrees. */
  readonly worktrees: string;
  /** What brings finished work to its target. */
  readonly landing: LandingGit;
  /** Makes the run's worktree, or finds the one it has. Idempotent, also after a crash. Throws ConfigError, InfraError. */
  addWorktree(request: WorktreeRequest): Promise<Worktree>;
  /** Hash of the worktree's present content with untracked and without ignored files. */
  treeOf(worktree: string): Promise<string>;
  /** Present content against `base` (a commit). */
  changes(worktree: string, base: string): Promise<Changes>;
  /** Paths in which the present content differs from `base`, relative to the repository. */
  changedFiles(worktree: string, base: string): Promise<readonly string[]>;
  /** Present content against `base` as unified diff, untracked files included, cut after 8 MiB. */
  diff(worktree: string, base: string): Promise<string>;
  /** From one commit to another as unified diff, cut after 8 MiB. */
  patch(from: string, to: string): Promise<string>;
  /** What is kept in `refs/notes/loops-read`. */
  readonly readingNotes: ReadingNotes;
  /** The tip of the branch that was checked out when it was opened, or what is checked out now. */
  tip(): Promise<string>;
  /** Of lines that `work` brought to the files of the repository, how many stand at `target`, by file; see standing.ts. */
  standing(work: Brought, target: string): Promise<Standing>;
  /** Present content against `base`, file by file. */
  change(worktree: string, base: string): Promise<Change>;
  /** A file of a commit; null when it has none there, or one larger than `most` bytes. */
  fileAt(commit: string, path: string, most: number): Promise<Buffer | null>;
  /** Worktree and branch as they were at an earlier pass; what stands there now stays in the history. Idempotent. */
  restore(request: Restoration & { readonly worktree: string }): Promise<Committed>;
  /** Everything in the worktree onto `branch`. Idempotent. */
  commitAll(request: {
    readonly worktree: string;
    readonly branch: string;
    readonly message: string;
  }): Promise<Committed>;
  /**
   * Removes the worktree. With `keepDirty` not when work would be lost: then `kept` says what. Its files go in the
   * background, see `settled`.
   */
  removeWorktree(request: {
    readonly worktree: string;
    readonly branch: string;
    readonly keepDirty: boolean;
  }): Promise<{ readonly kept: string | null }>;
  /**
   * Removes the lock files that a killed git left in the worktree and on its branch; returns which.
   * Only for a caller who knows that no process of the run lives.
   */
  releaseLocks(request: { readonly worktree: string; readonly branch: string }): Promise<readonly string[]>;
  /** Resolves when no deletion is under way in the background. */
  settled(): Promise<void>;
}

/** 2.31 brought GIT_CONFIG_COUNT and `rev-parse --path-format`. */
const OLDEST_GIT: readonly [number, number] = [2, 31];

/** Writers of refs and of the list of worktrees, one at a time per repository; snapshots, one at a time per worktree. */
const queues = new Queues();

/**
 * Opens the repository that `path` is in. `env` is the operator's environment: XDG_STATE_HOME says where worktrees go.
 * Throws UsageError (no repository, bare, no commit), ConfigError (git missing, too old, not the operator's repository).
 */
export async function openRepository(path: string, env: Environment = process.env): Promise<Repository> {
  const ground = await survey(path, env);
  const branch = await branchName(ground);
  return repositoryOn(ground, branch);
}

async function survey(path: string, env: Environment): Promise<Ground> {
  const folder = await stat(path).catch(absent);
  if (!folder?.isDirectory()) throw new UsageError(`${path}: there is no such folder`);
  await checkVersion(path, env);

  const answer = await ask(
    ['rev-parse', '--path-format=absolute', '--is-bare-repository', '--show-toplevel', '--git-dir', '--git-common-dir'],
    { cwd: path, env },
  );
  const [bare, top, gitDir, common] = answer.stdout.toString('utf8').split('\n');
  if (answer.code !== 0 || bare !== 'false' || !top || !gitDir || !common) throw unusable(path, answer);
  const root = await realpath(top);
  return {
    root,
    gitDir: await realpath(gitDir),
    common: await realpath(common),
    worktrees: await worktreesFolder(root, env),
    env,
  };
}

async function checkVersion(cwd: string, env: Environment): Promise<void> {
  const text = (await git(['version'], { cwd, env })).trim();
  const [, major, minor] = (/(\d+)\.(\d+)/.exec(text) ?? []).map(Number);
  if (major === undefined || minor === undefined) throw new ConfigError(`'git version' says '${text}': is this git?`);
  if (major > OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor >= OLDEST_GIT[1])) return;
  throw new ConfigError(
    `${text} is too old: install git ${OLDEST_GIT.join('.')} or newer (https://git-scm.com/downloads)`,
  );
}

function unusable(path: string, { stdout, stderr }: Answer): UsageError | ConfigError | InfraError {
  if (/^true/.test(stdout.toString('utf8')) || /cannot use bare repository/.test(stderr)) {
    return new UsageError(`${path} is a bare repository: agents need files to work on; clone it and go there`);
  }
  if (/dubious ownership/.test(stderr)) {
    return new ConfigError(
      `${path} belongs to another user, so git refuses to work in it; ` +
        `if you trust it: git config --global --add safe.directory ${path}`,
    );
  }
  if (/not a git repository/.test(stderr)) {
    return new UsageError(`${path} is not in a git repository: go to one, or make one here with 'git init'`);
  }
  if (/must be run in a work tree/.test(stderr)) {
    return new UsageError(`${path} is inside a .git folder: go to the files of the repository`);
  }
  return new InfraError(`git cannot read the repository at ${path}: ${stderr.trim()}`);
}

async function branchName(ground: Ground): Promise<string> {
  const head = await ask(['rev-parse', '--quiet', '--verify', '--short=7', 'HEAD^{commit}'], inRoot(ground));
  if (head.code !== 0) {
    throw new UsageError(
      `${ground.root} has no commit yet, so there is nothing to start from: make a first one (git add . && git commit)`,
    );
  }
  const branch = await ask(['symbolic-ref', '--quiet', '--short', 'HEAD'], inRoot(ground));
  if (branch.code === 0) return branch.stdout.toString('utf8').trim();
  return `(detached ${head.stdout.toString('utf8').trim()})`;
}

function repositoryOn(ground: Ground, branch: string): Repository {
  const shared = queues.get(ground.common);
  const deletions = new Set<Promise<void>>();

  /** Runs `job` when no other looks at or changes this worktree. */
  const alone = <T>(worktree: string, job: () => Promise<T>): Promise<T> => {
    if (!isInside(ground.worktrees, worktree)) {
      return Promise.reject(new InfraError(`${worktree} is not in ${ground.worktrees}, so it is none of ours`));
    }
    return queues.get(worktree).run(job);
  };

  /** The worktree as it is now. */
  const present = (worktree: string) =>
    alone(worktree, async () => takeSnapshot(ground, await registrationOf(ground, worktree), 'private'));

  /** What cannot be deleted now (a file in use, a read-only folder) is tried again with the next removal. */
  const emptyTrash = () => {
    const trash = join(ground.worktrees, '.trash');
    const deletion = readdir(trash)
      .then((names) => Promise.allSettled(names.map((name) => rm(join(trash, name), { recursive: true, force: true }))))
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => deletions.delete(deletion));
    deletions.add(deletion);
  };

  return {
    root: ground.root,
    name: basename(ground.root),
    branch,
    worktrees: ground.worktrees,
    landing: landingOn(ground, shared, alone, emptyTrash),
    addWorktree: (request) => shared.run(() => makeWorktree(ground, request)),
    treeOf: async (worktree) => (await present(worktree)).tree,
    changes: async (worktree, base) => {
      const { tree, call } = await present(worktree);
      return countChanges(await commitOf(base), tree, call);
    },
    changedFiles: async (worktree, base) => {
      const { tree, call } = await present(worktree);
      return changedFiles(await commitOf(base), tree, call);
    },
    diff: async (worktree, base) => {
      const { tree, call } = await present(worktree);
      return unifiedDiff(await commitOf(base), tree, call);
    },
    patch: async (from, to) => unifiedDiff(await commitOf(from), await commitOf(to), inRoot(ground)),
    readingNotes: readingNotes(ground, shared),
    tip: () => commitOf(branch.startsWith('(') ? 'HEAD' : `refs/heads/${branch}`),
    standing: (work, target) => standing(work, target, inRoot(ground)),
    change: async (worktree, base) => {
      const { tree, call } = await present(worktree);
      return changeBetween(await commitOf(base), tree, call);
    },
    fileAt: (commit, path, most) => fileAt(commit, path, most, inRoot(ground)),
    restore: ({ worktree, ...restoration }) =>
      alone(worktree, async () => {
        const known = await registrationOf(ground, worktree);
        return shared.run(() => restoreTree(ground, known, restoration));
      }),
    commitAll: ({ worktree, branch, message }) =>
      alone(worktree, async () => {
        const known = await registrationOf(ground, worktree);
        return shared.run(() => commitEverything(ground, known, branch, message));
      }),
    removeWorktree: ({ worktree, branch, keepDirty }) =>
      alone(worktree, async () => {
        branchRef(branch);
        const kept = keepDirty ? await reasonToKeep(ground, worktree) : null;
        if (kept === null) {
          await shared.run(() => takeAway(ground, worktree, branch));
          emptyTrash();
        }
        return { kept };
      }),
    releaseLocks: ({ worktree, branch }) => alone(worktree, () => releaseLocks(ground, worktree, branch)),
    settled: async () => {
      await Promise.all(deletions);
    },
  };

  async function commitOf(base: string): Promise<string> {
    const answer = await ask(
      ['rev-parse', '--quiet', '--verify', '--end-of-options', `${base}^{commit}`],
      inRoot(ground),
    );
    if (answer.code !== 0) throw new InfraError(`the commit ${base} is not in ${ground.root}`);
    return answer.stdout.toString('utf8').trim();
  }
}
