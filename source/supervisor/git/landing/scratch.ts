/**
 * The worktree in which work is put together with its target, and in which the gates then run: apart from the operator's checkout and
 * from the run's own, without a branch, and gone when the landing is.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InfraError } from '../../../loop/errors.ts';
import { moveToTrash, unregister } from '../add.ts';
import { ask, git } from '../call.ts';
import { copyInto } from '../copy.ts';
import { blameFilter, withoutFilters } from '../drivers.ts';
import { absent, checkRunName, type Ground, inRoot, isInside } from '../paths.ts';
import { exists, findRegistration, type Manifest, type Registration, writeManifest } from '../registration.ts';
import { seedIndex } from '../snapshot.ts';

/** Keeps what the gates judge, until it is on its target. */
const pinOf = (run: string): string => `refs/loop/landing/${run}`;

/** No name of a run begins so. */
const PREFIX = '.landing-';

const placeOf = (ground: Ground, run: string): string => {
  checkRunName(run);
  return join(ground.worktrees, `${PREFIX}${run}`);
};

export interface ScratchRequest {
  readonly run: string;
  /** The commit that it shows, and that its changes are counted from. */
  readonly at: string;
  /** Untracked files of the main checkout to copy in. */
  readonly copy: readonly string[];
}

/** A new one in place of any that is there. Must be called in the repository's queue. Throws ConfigError, InfraError. */
export async function makeScratch(
  ground: Ground,
  { run, at, copy }: ScratchRequest,
): Promise<Registration & { readonly manifest: Manifest }> {
  await dropScratch(ground, run);
  const worktree = placeOf(ground, run);
  if (!isInside(ground.worktrees, worktree)) throw new InfraError(`${worktree} leaves its folder`);
  await mkdir(ground.worktrees, { recursive: true, mode: 0o700 });
  const call = await withoutFilters(inRoot(ground));
  await git(['worktree', 'add', '--quiet', '--detach', '--', worktree, at], call).catch(blameFilter(call));
  const registration = await findRegistration(ground, worktree);
  if (!registration) throw new InfraError(`git made ${worktree} but does not list it`);
  await seedIndex(registration);
  const copied = await copyInto(ground, worktree, copy);
  const manifest = { nonce: '', branch: '', base: at, copied };
  await writeManifest(registration.ours, manifest);
  return { ...registration, manifest };
}

/** The one that is there; null when it is gone or was never finished. */
export async function findScratch(ground: Ground, run: string): Promise<string | null> {
  const worktree = placeOf(ground, run);
  const found = await findRegistration(ground, worktree);
  return found?.manifest && (await exists(worktree)) ? worktree : null;
}

export async function pin(ground: Ground, run: string, commit: string): Promise<void> {
  await git(['update-ref', pinOf(run), commit], inRoot(ground));
}

/** Idempotent. Must be called in the repository's queue. */
export async function dropScratch(ground: Ground, run: string): Promise<void> {
  const worktree = placeOf(ground, run);
  if (await exists(worktree)) await moveToTrash(ground, worktree);
  if (await findRegistration(ground, worktree)) await unregister(ground, worktree);
  await ask(['update-ref', '-d', pinOf(run)], inRoot(ground));
}

/** Must be called in the repository's queue. */
export async function sweepScratches(ground: Ground, keep: readonly string[]): Promise<void> {
  const names = (await readdir(ground.worktrees).catch(absent)) ?? [];
  const runs = names.flatMap((name) => (name.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []));
  for (const run of runs) if (!keep.includes(run)) await dropScratch(ground, run);
}
