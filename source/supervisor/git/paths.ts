/** Where things of one repository are, and the names that may become part of a path or a ref. Nothing here touches git. */
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { ConfigError } from '../../loop/errors.ts';
import type { Call } from './call.ts';
import type { Environment } from './harden.ts';

/** Everything git work needs to know of one opened repository. */
export interface Ground {
  /** The operator's checkout, symlinks resolved. */
  readonly root: string;
  /** Its own git folder; differs from `common` when it is itself a linked worktree. */
  readonly gitDir: string;
  /** The git folder that all worktrees share. */
  readonly common: string;
  /** Folder of this repository's worktrees. */
  readonly worktrees: string;
  readonly env: Environment;
}

/** A call in the operator's checkout. The git folder is named, so nothing is discovered from what lies in the tree. */
export function inRoot(ground: Ground): Call {
  const { root, gitDir, common, env } = ground;
  return { cwd: root, env, set: { GIT_DIR: gitDir, GIT_COMMON_DIR: common, GIT_WORK_TREE: root } };
}

/** `$XDG_STATE_HOME/looptop/worktrees/<name>-<hash>`, which need not exist; symlinks resolved, as git stores it. */
export async function worktreesFolder(root: string, env: Environment): Promise<string> {
  const xdg = env.XDG_STATE_HOME;
  // The XDG specification: a relative path is invalid and must be ignored.
  const state = xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), '.local', 'state');
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const folder = join(state, 'looptop', 'worktrees', `${plainName(root)}-${hash}`);
  return realPlace(folder);
}

/** `realpath` that is content when only the beginning of the path exists. */
export async function realPlace(path: string): Promise<string> {
  const real = await realpath(path).catch(absent);
  return real ?? join(await realPlace(dirname(path)), basename(path));
}

/** For `catch`: a missing file or folder is null, anything else stays an error. */
export function absent(error: unknown): null {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
  throw error;
}

const plainName = (root: string) =>
  basename(root)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .slice(0, 40);

/**
 * Refuses a run's name that could leave its folder or that git would not take as part of a branch.
 * Throws ConfigError.
 */
export function checkRunName(run: string): void {
  const legalRef = !run.includes('..') && !run.endsWith('.') && !run.endsWith('.lock');
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(run) && legalRef) return;
  throw new ConfigError(
    `'${printable(run)}' cannot be the name of a run: use up to 64 of a-z 0-9 . _ - and start with a letter or digit`,
  );
}

/** `refs/heads/loop/…` of a branch under `loop/`. Throws ConfigError for any other branch: we move no one else's. */
export function branchRef(branch: string): string {
  if (!branch.startsWith('loop/'))
    throw new ConfigError(`'${printable(branch)}' is not a branch of a run (under loop/)`);
  for (const part of branch.slice('loop/'.length).split('/')) checkRunName(part);
  return `refs/heads/${branch}`;
}

/** Keeps the commit a run started from, whatever the operator does to the branch it came from. */
export const baseRef = (branch: string): string => `refs/loop/base/${branch.slice('loop/'.length)}`;

/** True when `path` is inside `folder`, or is it. Both must be absolute; symlinks are the caller's business. */
export function isInside(folder: string, path: string): boolean {
  const whole = resolve(path);
  return whole === resolve(folder) || whole.startsWith(resolve(folder) + sep);
}

/** Text of unknown origin for an error message: no control characters, at most 80 of the rest. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 80);
