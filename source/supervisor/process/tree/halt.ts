/** SIGSTOP to a whole tree, repeated until nothing in it moves: what freezing and killing share where no cgroup does it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity } from '../../../loop/state.ts';
import { signalProcess } from '../identity.ts';
import { keyOf, look, type Member } from './tree.ts';

export interface Halted {
  readonly members: readonly Member[];
  /** Of these, how many could not be seen to stand still in time. */
  readonly running: number;
}

/**
 * Stops every member of `mark` that `exempts` does not name, parents first, until two looks in a row find the same set and
 * all of it stopped: one look can miss a child forked between the listing and its parent's stop. Gives up after `limitMs`.
 */
export async function halt(
  mark: string,
  roots: readonly ProcessIdentity[],
  limitMs: number,
  exempts: (member: Member) => boolean = () => false,
): Promise<Halted> {
  const deadline = performance.now() + limitMs;
  const known = new Map(roots.map((root) => [keyOf(root), root]));
  const stopped = new Set<string>();
  const strangers = new Set<string>();
  let before: string | null = null;
  for (;;) {
    const members = look(mark, [...known.values()], strangers).members.filter((member) => !exempts(member));
    let running = 0;
    for (const member of members) {
      const key = keyOf(member.process);
      known.set(key, member.process);
      if (isHalted(member, stopped.has(key))) continue;
      running++;
      if (signalProcess(member.process, 'SIGSTOP')) stopped.add(key);
    }
    const now = running > 0 ? null : members.map((member) => keyOf(member.process)).join();
    if (now !== null && now === before) return { members, running };
    if (performance.now() > deadline) return { members, running };
    before = now;
    await sleep(1);
  }
}

/** A process inside a system call (`D`; the parent of a stopped vfork child stays there) stops before it returns from it. */
const isHalted = (member: Member, signalled: boolean) =>
  member.state === 'T' || member.state === 't' || (member.state === 'D' && signalled);
