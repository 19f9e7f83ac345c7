/**
 * What git knows of one worktree: its folder under `<git folder>/worktrees/`. Found by reading that folder, never by asking
 * the `.git` file in the worktree, which the agent can rewrite to point anywhere.
 */
import { lstat, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { InfraError } from '../../loop/errors.ts';
import type { Call } from './call.ts';
import { absent, type Ground } from './paths.ts';

const Manifest = z.object({
  nonce: z.string(),
  branch: z.string(),
  base: z.string(),
  /** Paths that were copied in and never belong into a commit. */
  copied: z.array(z.string()),
});

/** Written when a worktree is complete: one without it was never handed to anybody. */
export type Manifest = Readonly<z.infer<typeof Manifest>>;

export interface Registration {
  readonly worktree: string;
  /** Git's folder for this worktree: HEAD, index, locks. */
  readonly admin: string;
  /** Our own folder in it: private index, private objects, manifest. It goes when git removes the worktree. */
  readonly ours: string;
  readonly manifest: Manifest | null;
}

/** The registration of a worktree, also when its folder is gone; null when git does not know it. */
export async function findRegistration(ground: Ground, worktree: string): Promise<Registration | null> {
  const all = join(ground.common, 'worktrees');
  const entries = await readdir(all, { withFileTypes: true }).catch(absent);
  for (const entry of entries ?? []) {
    if (!entry.isDirectory()) continue;
    const admin = join(all, entry.name);
    const gitFile = await readFile(join(admin, 'gitdir'), 'utf8').catch(absent);
    if (gitFile === null || resolve(admin, gitFile.trim()) !== join(worktree, '.git')) continue;
    const ours = join(admin, 'looptop');
    return { worktree, admin, ours, manifest: await readManifest(ours) };
  }
  return null;
}

/** Like `findRegistration`, for a worktree that must be there. Throws InfraError when it is not. */
export async function registrationOf(ground: Ground, worktree: string): Promise<Registration & { manifest: Manifest }> {
  const found = await findRegistration(ground, worktree);
  if (!found) throw new InfraError(`${worktree} is not a worktree of ${ground.root} (any more)`);
  if (!found.manifest) throw new InfraError(`${worktree} was never completed: it has to be made again`);
  if (!(await exists(worktree))) throw new InfraError(`the worktree ${worktree} is gone`);
  return { ...found, manifest: found.manifest };
}

/**
 * A call in the worktree that nothing in it can divert: every place git would look up is named. The index is ours, for
 * even `diff-tree` reads one (for attributes) and fails on an agent's broken one.
 */
export function inWorktree(
  ground: Ground,
  { worktree, admin, ours }: Registration,
  set: Readonly<Record<string, string>> = {},
): Call {
  return {
    cwd: worktree,
    env: ground.env,
    set: {
      GIT_DIR: admin,
      GIT_COMMON_DIR: ground.common,
      GIT_WORK_TREE: worktree,
      GIT_INDEX_FILE: join(ours, 'index'),
      ...set,
    },
  };
}

async function readManifest(ours: string): Promise<Manifest | null> {
  const text = await readFile(join(ours, 'run.json'), 'utf8').catch(absent);
  if (text === null) return null;
  try {
    return Manifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new InfraError(`${join(ours, 'run.json')} cannot be read: remove the worktree by hand`, { cause });
  }
}

export async function writeManifest(ours: string, manifest: Manifest): Promise<void> {
  await mkdir(ours, { recursive: true });
  await writeFile(join(ours, 'run.json.new'), `${JSON.stringify(manifest)}\n`);
  await rename(join(ours, 'run.json.new'), join(ours, 'run.json'));
}

export async function exists(path: string | Buffer): Promise<boolean> {
  return (await lstat(path).catch(absent)) !== null;
}
