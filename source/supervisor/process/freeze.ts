/** Halts everything a mark started without ending it, and lets it go on. Nothing is remembered here: the kernel knows what is frozen. */

import { signalProcess } from './identity.ts';
import type { Launched } from './launch.ts';
import { cgroupsOf, freezeCgroup, isInCgroup, thawCgroup } from './tree/cgroup.ts';
import { halt } from './tree/halt.ts';
import { checkMark } from './tree/mark.ts';
import { type Tree, tree } from './tree/tree.ts';

/** A tree of 135 processes is halted in under 50 ms; one that resists this long holds a process in the kernel. */
const FREEZE_LIMIT_MS = 5000;

export interface Frozen {
  /** How many processes stand still. */
  readonly processes: number;
  /** How many could not be stopped in five seconds: another user's, or stuck in the kernel. */
  readonly running: number;
}

/** Stops all processes of `mark`, the agent first, so that nothing can flee by forking. Idempotent. */
export async function freeze(mark: string, launched: Launched | null): Promise<Frozen> {
  checkMark(mark);
  const roots = rootsOf(launched);
  const frozen = await Promise.all(
    foldersOf(mark, tree(mark, roots)).map((folder) => freezeCgroup(folder, FREEZE_LIMIT_MS)),
  );
  const held = frozen.length > 0 && frozen.every(Boolean);
  // Marked processes outside of the cgroup: they moved, or were started when there was none.
  const rest = await halt(mark, roots, FREEZE_LIMIT_MS, (member) => held && isInCgroup(member.cgroup, mark));
  const all = tree(mark, roots).members.length;
  return { processes: all - rest.running, running: rest.running };
}

/** Lets all processes of `mark` go on, children before their parents. Idempotent. */
export async function thaw(mark: string, launched: Launched | null): Promise<{ readonly processes: number }> {
  checkMark(mark);
  const now = tree(mark, rootsOf(launched));
  for (const member of now.members.toReversed()) {
    if (member.state === 'T') signalProcess(member.process, 'SIGCONT');
  }
  for (const folder of foldersOf(mark, now)) thawCgroup(folder);
  return { processes: now.members.length };
}

const rootsOf = (launched: Launched | null) => (launched === null ? [] : [launched.process]);

const foldersOf = (mark: string, { members }: Tree) =>
  cgroupsOf(
    mark,
    members.map((member) => member.cgroup),
  );
