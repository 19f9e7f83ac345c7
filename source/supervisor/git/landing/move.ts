/** Moves a branch of the operator's to what was landed, with the checkout that shows it, or not at all. */
import { ask, git } from '../call.ts';
import { isAncestor, resolve } from '../commit.ts';
import { type Ground, inRoot } from '../paths.ts';
import { type Checkout, checkoutOf, isAt, whyNotMovable } from './checkouts.ts';

export interface Move {
  /** Name of the branch. */
  readonly target: string;
  /** Where it must be. */
  readonly onto: string;
  /** Where it goes; stands on `onto`. */
  readonly commit: string;
}

export type Moved =
  | { readonly is: 'there' }
  /** It has moved meanwhile. */
  | { readonly is: 'stale'; readonly tip: string }
  /** In words, with what to do. */
  | { readonly is: 'refused'; readonly why: string };

/** A ref by its name; the caller has looked that it is the name of a branch. */
const refOf = (target: string): string => `refs/heads/${target}`;

/** The tip of the branch; null when there is none. */
export const tipOf = (ground: Ground, target: string): Promise<string | null> =>
  resolve(`${refOf(target)}^{commit}`, inRoot(ground));

/** Why the branch could not be moved now, as far as can be seen before; null when it could. */
export async function whyNot(ground: Ground, target: string): Promise<string | null> {
  const checkout = await checkoutOf(ground, refOf(target));
  return checkout === null || typeof checkout === 'string' ? checkout : whyNotMovable(checkout);
}

/** Idempotent: once the branch has the commit, that is all. Must be called in the repository's queue. Throws InfraError, ConfigError. */
export async function moveTarget(ground: Ground, move: Move): Promise<Moved> {
  const { target, onto, commit } = move;
  const tip = await tipOf(ground, target);
  if (tip === null) return { is: 'refused', why: `there is no branch ${target} any more` };
  if (await isAncestor(commit, tip, inRoot(ground))) return { is: 'there' };
  if (tip !== onto) return { is: 'stale', tip };
  const checkout = await checkoutOf(ground, refOf(target));
  if (typeof checkout === 'string') return { is: 'refused', why: checkout };
  return checkout === null ? moveRef(ground, move) : moveCheckout(ground, move, checkout);
}

/** Compare and swap: nobody's commit is lost by it. */
async function moveRef(ground: Ground, { target, onto, commit }: Move): Promise<Moved> {
  const args = ['update-ref', '-m', 'looptop: land', refOf(target), commit, onto];
  const answer = await ask(args, inRoot(ground));
  if (answer.code === 0) return { is: 'there' };
  const tip = await tipOf(ground, target);
  if (tip !== null && tip !== onto) return { is: 'stale', tip };
  return { is: 'refused', why: answer.stderr.trim().split('\n').at(-1) ?? 'git did not move it' };
}

async function moveCheckout(ground: Ground, move: Move, checkout: Checkout): Promise<Moved> {
  const { target, onto, commit } = move;
  const why = await whyNotMovable(checkout);
  if (why !== null) {
    // A git that was ended between its last file and the ref.
    return (await isAt(commit, checkout)) ? moveRef(ground, move) : { is: 'refused', why };
  }
  // What the repository's configuration could add to it is taken back.
  const args = [
    'merge',
    '--ff-only',
    '-s',
    'recursive',
    '--quiet',
    '--no-stat',
    '--no-squash',
    '--no-autostash',
    commit,
  ];
  const answer = await ask(args, checkout.call);
  const tip = await tipOf(ground, target);
  if (tip !== null && (await isAncestor(commit, tip, inRoot(ground)))) return { is: 'there' };
  if (tip !== null && tip !== onto) return { is: 'stale', tip };
  return { is: 'refused', why: `git could not move ${checkout.path}: ${plain(answer.stderr)}` };
}

/** Such as: these untracked files would be overwritten. */
const plain = (stderr: string): string => stderr.trim().replace(/\s+/g, ' ').slice(0, 500) || 'it does not say why';

/** Deletes a run's branch that had its time; else says why it stays. Must be called in the repository's queue. */
export async function dropBranch(ground: Ground, branch: string, commit: string): Promise<string | null> {
  const call = inRoot(ground);
  const ref = refOf(branch);
  const tip = await resolve(ref, call);
  if (tip === null) return null;
  if (tip !== commit) return 'somebody has worked on it since';
  const place = await git(['for-each-ref', '--format=%(worktreepath)', ref], call);
  if (place.trim() !== '') return `it is checked out in ${place.trim()}`;
  const answer = await ask(['update-ref', '-d', ref, tip], call);
  return answer.code === 0 ? null : plain(answer.stderr);
}
