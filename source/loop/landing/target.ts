/** On which branch a run's work lands: the one that it started from. */
import type { FleetState, RunState } from '../state.ts';

/** Null when it started from no branch, as from a detached HEAD or a tag. */
export function targetOf(
  fleet: Pick<FleetState, 'repository'>,
  run: Pick<RunState, 'target' | 'definition'>,
): string | null {
  if (run.target !== null) return run.target;
  // Runs of older journals do not say; what the operator had checked out is what most of them started from.
  const { branch } = fleet.repository;
  return run.definition.isolation.base === null && isBranchName(branch) ? branch : null;
}

/** A name that git takes for a branch (git check-ref-format), and no option, revision or branch of a run. */
export const isBranchName = (name: string): boolean =>
  /^[^\s~^:?*[\\\p{Cc}(-][^\s~^:?*[\\\p{Cc}]{0,199}$/u.test(name) &&
  !/\.\.|@\{|\/\/|\/$|\.$|(^|\/)\.|\.lock(\/|$)|^@$|^HEAD$|^refs\//.test(name) &&
  !name.startsWith('loop/');
