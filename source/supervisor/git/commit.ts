/**
 * Puts everything in a worktree onto the run's branch, with git's plumbing: no hook, no editor, no signature can come into
 * it, and what the agent committed itself stays below. Other branches are not moved.
 */
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, type Call, git } from './call.ts';
import { type Changes, countChanges } from './compare.ts';
import type { ConfigPair } from './harden.ts';
import { absent, branchRef, type Ground } from './paths.ts';
import type { Manifest, Registration } from './registration.ts';
import { copyIndex, takeSnapshot } from './snapshot.ts';

/** The figures are those of the whole run: from its base to the commit. */
export interface Committed extends Changes {
  readonly commit: string;
}

const SOMEBODY = {
  GIT_AUTHOR_NAME: 'looptop',
  GIT_AUTHOR_EMAIL: 'looptop@localhost',
  GIT_COMMITTER_NAME: 'looptop',
  GIT_COMMITTER_EMAIL: 'looptop@localhost',
} as const;

/** Idempotent: with nothing new to commit the branch's tip is the answer. Throws ConfigError, InfraError. */
export async function commitEverything(
  ground: Ground,
  known: Registration & { readonly manifest: Manifest },
  branch: string,
  message: string,
): Promise<Committed> {
  const ref = branchRef(branch);
  const { base } = known.manifest;
  const { tree, head, call } = await takeSnapshot(ground, known, 'shared');
  const tip = (await resolve(ref, call)) ?? base;

  const parents = [...(await parentsOf(tip, head, call)), ...(await mergedIn(known, head, call))];
  const [only] = parents;
  const nothingNew = parents.length === 1 && only !== undefined && (await resolve(`${only}^{tree}`, call)) === tree;
  const commit = nothingNew ? only : await writeCommit(tree, parents, message, call);

  // Always written, also when unchanged: that makes a branch which the agent deleted.
  await git(['update-ref', '-m', 'looptop: commit', ref, commit], call);
  await git(['symbolic-ref', '-m', 'looptop: commit', 'HEAD', ref], call);
  await showAsCommitted(known);
  await endMerge(known);
  return { commit, ...(await countChanges(base, commit, call)) };
}

/** Normally the one newer of branch and HEAD; both when the agent has gone its own way from an older commit. */
async function parentsOf(tip: string, head: string, call: Call): Promise<string[]> {
  if (tip === head || (await isAncestor(head, tip, call))) return [tip];
  if (await isAncestor(tip, head, call)) return [head];
  return [tip, head];
}

/** What a merge under way in the worktree brings in: whoever began it, it is in the files that are committed now. */
async function mergedIn({ admin }: Registration, head: string, call: Call): Promise<string[]> {
  const text = await readFile(join(admin, 'MERGE_HEAD'), 'utf8').catch(absent);
  const commits = await Promise.all(
    (text ?? '')
      .split('\n')
      .flatMap((line) => (/^[0-9a-f]{40,64}$/.test(line) ? [resolve(`${line}^{commit}`, call)] : [])),
  );
  const found = commits.filter((commit) => commit !== null);
  const news = await Promise.all(found.map(async (commit) => !(await isAncestor(commit, head, call))));
  return found.filter((_, index) => news[index]);
}

/** Git's own notes of a merge that is committed now. */
async function endMerge({ admin }: Registration): Promise<void> {
  for (const name of ['MERGE_HEAD', 'MERGE_MSG', 'MERGE_MODE', 'AUTO_MERGE'])
    await rm(join(admin, name), { force: true });
}

export async function isAncestor(older: string, newer: string, call: Call): Promise<boolean> {
  return (await ask(['merge-base', '--is-ancestor', older, newer], call)).code === 0;
}

/** The object a name stands for, null when there is none. */
export async function resolve(name: string, call: Call): Promise<string | null> {
  const answer = await ask(['rev-parse', '--quiet', '--verify', name], call);
  return answer.code === 0 ? answer.stdout.toString('utf8').trim() : null;
}

/** The hash of a new commit that nothing points to yet. */
export async function writeCommit(
  tree: string,
  parents: readonly string[],
  message: string,
  call: Call,
): Promise<string> {
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'];
  const set = { ...call.set, ...(await identity(call)) };
  return (await git(args, { ...call, set, input: cleanMessage(message) })).trim();
}

/** The operator's own, where git finds one without guessing from the host's name; otherwise ours. */
export async function identity(call: Call): Promise<Readonly<Record<string, string>>> {
  const config: ConfigPair[] = [['user.useConfigOnly', 'true']];
  const known = await Promise.all(
    ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT'].map((who) => ask(['var', who], { ...call, config })),
  );
  return known.every((answer) => answer.code === 0) ? {} : SOMEBODY;
}

function cleanMessage(message: string): string {
  const text = message.replace(/[^\P{Cc}\n\t]/gu, '').trim();
  return `${text || 'Work of an agent loop'}\n`;
}

/** Lets the worktree's own index say what the branch now says. Left as it is while a git of the agent holds the lock. */
async function showAsCommitted({ admin, ours }: Registration): Promise<void> {
  const lock = join(admin, 'index.lock');
  try {
    await copyIndex(join(ours, 'index'), lock);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw error;
  }
  await rename(lock, join(admin, 'index'));
}
