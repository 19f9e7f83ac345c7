/** Landing as the supervisor asks for it of one repository: put together, look, move, push, bring in. Each is a file of this room. */
import type { RunId } from '../../../loop/units.ts';
import { ask } from '../call.ts';
import { resolve } from '../commit.ts';
import { type Ground, inRoot } from '../paths.ts';
import type { Queue } from '../queue.ts';
import { registrationOf } from '../registration.ts';
import { type Arrival, bringIn } from './bring-in.ts';
import { type Combination, type Combined, combine } from './combine.ts';
import { dropBranch, type Move, type Moved, moveTarget, tipOf, whyNot } from './move.ts';
import { type Push, type PushResult, push, remoteOf } from './push.ts';
import { dropScratch, findScratch, makeScratch, pin, sweepScratches } from './scratch.ts';

/** Nothing of it touches a branch of the operator's but `move`. All throw InfraError, ConfigError. */
export interface LandingGit {
  /** The branch that a run from `base` (null: what is checked out) lands on; null when it is none. */
  targetOf(base: string | null): Promise<string | null>;
  /** Tip of a branch; null when there is none. */
  tip(target: string): Promise<string | null>;
  /** Why the branch could not be moved now; null when it could. */
  whyNot(target: string): Promise<string | null>;
  /** In a worktree of its own, which is there for the gates afterwards. */
  combine(
    request: Combination & { readonly run: RunId; readonly copy: readonly string[] },
  ): Promise<Combined & { readonly worktree: string }>;
  /** The worktree that `combine` made; null when it is gone. */
  scratch(run: RunId): Promise<string | null>;
  dropScratch(run: RunId): Promise<void>;
  /** Drops those of all runs but these: a landing that was taken back or killed leaves its own behind. */
  sweep(landing: readonly RunId[]): Promise<void>;
  move(request: Move): Promise<Moved>;
  bringIn(request: Arrival & { readonly worktree: string }): Promise<string | null>;
  /** Whether there is anything to push to. */
  hasRemote(target: string): Promise<boolean>;
  push(request: Push): Promise<PushResult>;
  /** Why it stays; null when it is gone. */
  dropBranch(branch: string, commit: string): Promise<string | null>;
}

/** `shared`: writers of refs and worktrees. `alone`: one job at a time per worktree. `emptied`: what was taken away can be deleted. */
export function landingOn(
  ground: Ground,
  shared: Queue,
  alone: <T>(worktree: string, job: () => Promise<T>) => Promise<T>,
  emptied: () => void,
): LandingGit {
  return {
    targetOf: (base) => branchBehind(ground, base),
    tip: (target) => tipOf(ground, target),
    whyNot: (target) => whyNot(ground, target),
    combine: async ({ run, copy, ...combination }) => {
      const scratch = await shared.run(() => makeScratch(ground, { run, at: combination.onto, copy }));
      emptied();
      const { worktree } = scratch;
      const combined = await alone(worktree, () => combine(ground, scratch, combination));
      if (combined.is === 'clean') await shared.run(() => pin(ground, run, combined.commit));
      return { ...combined, worktree };
    },
    scratch: (run) => findScratch(ground, run),
    dropScratch: async (run) => {
      await shared.run(() => dropScratch(ground, run));
      emptied();
    },
    sweep: async (landing) => {
      await shared.run(() => sweepScratches(ground, landing));
      emptied();
    },
    move: (request) => shared.run(() => moveTarget(ground, request)),
    bringIn: ({ worktree, ...arrival }) =>
      alone(worktree, async () => {
        const known = await registrationOf(ground, worktree);
        return shared.run(() => bringIn(ground, known, arrival));
      }),
    hasRemote: async (target) => (await remoteOf(ground, target)) !== null,
    push: (request) => push(ground, request),
    dropBranch: (branch, commit) => shared.run(() => dropBranch(ground, branch, commit)),
  };
}

/** A branch by its name, or the one of the same name that follows a remote's. */
async function branchBehind(ground: Ground, base: string | null): Promise<string | null> {
  const call = inRoot(ground);
  if (base === null) {
    const head = await ask(['symbolic-ref', '--quiet', '--short', 'HEAD'], call);
    return head.code === 0 ? head.stdout.toString('utf8').trim() : null;
  }
  const isBranch = async (name: string): Promise<boolean> => (await resolve(`refs/heads/${name}`, call)) !== null;
  if (await isBranch(base)) return base;
  const name = base.replace(/^[^/]+\//, '');
  return (await resolve(`refs/remotes/${base}`, call)) !== null && (await isBranch(name)) ? name : null;
}
