/** Takes a worktree away when nothing can be lost by it, and says why when something could. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { moveToTrash, unregister } from './add.ts';
import { ask, git } from './call.ts';
import { countChanges } from './compare.ts';
import { absent, baseRef, branchRef, type Ground, inRoot, printable } from './paths.ts';
import { exists, findRegistration, inWorktree, type Manifest, type Registration } from './registration.ts';
import { takeSnapshot } from './snapshot.ts';

/** Why it must stay, for people; null when it can go (or has gone). Only reads. */
export async function reasonToKeep(ground: Ground, worktree: string): Promise<string | null> {
  const isThere = await exists(worktree);
  const found = await findRegistration(ground, worktree);
  if (!isThere) return null;
  if (!found) return 'git no longer knows this folder';
  const { manifest } = found;
  // Never completed, so never handed out: nobody has worked in it.
  if (manifest === null) return null;
  const locked = await readFile(join(found.admin, 'locked'), 'utf8').catch(absent);
  if (locked !== null) return `it is locked${locked.trim() ? `: ${printable(locked.trim())}` : ''}`;
  return (await uncommitted(ground, { ...found, manifest })) ?? (await unreachable(ground, { ...found, manifest }));
}

type Known = Registration & { readonly manifest: Manifest };

async function uncommitted(ground: Ground, known: Known): Promise<string | null> {
  const { tree, head, nested, call } = await takeSnapshot(ground, known, 'private');
  if (nested[0] !== undefined) return `it holds a git repository of its own (${printable(nested[0])})`;
  const { files } = await countChanges(head, tree, call);
  if (files === 0) return null;
  return `${files} ${files === 1 ? 'file is' : 'files are'} not committed`;
}

/** Commits that only the HEAD of this worktree holds would go with it. */
async function unreachable(ground: Ground, known: Known): Promise<string | null> {
  const call = inWorktree(ground, known);
  const answer = await ask(['rev-parse', '--quiet', '--verify', 'HEAD^{commit}'], call);
  if (answer.code !== 0) return 'its branch was deleted';
  const head = answer.stdout.toString('utf8').trim();
  if (head === known.manifest.base) return null;
  const holders = ['refs/heads', 'refs/tags', 'refs/remotes'];
  const held = await git(['for-each-ref', '--count=1', '--format=x', '--contains', head, ...holders], call);
  return held ? null : `no branch holds its commit ${head.slice(0, 7)}`;
}

/**
 * Moves the worktree to the trash and makes git forget it. The branch stays unless it has no commit of its own.
 * Must be called in the repository's queue, after `reasonToKeep` was null.
 */
export async function takeAway(ground: Ground, worktree: string, branch: string): Promise<void> {
  const ref = branchRef(branch);
  if (await exists(worktree)) await moveToTrash(ground, worktree);
  if (await findRegistration(ground, worktree)) await unregister(ground, worktree);

  const call = inRoot(ground);
  const [tip, base] = await Promise.all([ref, baseRef(branch)].map((name) => hashOf(name)));
  if (tip && tip === base && !(await isCheckedOut())) await git(['update-ref', '-d', ref, tip], call);
  if (base) await git(['update-ref', '-d', baseRef(branch), base], call);

  async function hashOf(name: string): Promise<string | null> {
    const answer = await ask(['rev-parse', '--quiet', '--verify', name], call);
    return answer.code === 0 ? answer.stdout.toString('utf8').trim() : null;
  }

  async function isCheckedOut(): Promise<boolean> {
    const place = await git(['for-each-ref', '--format=%(worktreepath)', ref], call);
    return place.trim() !== '';
  }
}
