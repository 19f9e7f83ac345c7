/** Ends everything a mark started and looks until it is gone: "kill sent" and "confirmed dead" are different facts, this returns the second. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity } from '../../loop/state.ts';
import { thaw } from './freeze.ts';
import { isAlive, signalGroup, signalProcess } from './identity.ts';
import type { Launched } from './launch.ts';
import { cgroupsOf, isPopulated, killCgroup, removeCgroup } from './tree/cgroup.ts';
import { halt } from './tree/halt.ts';
import { checkMark } from './tree/mark.ts';
import { keyOf, look, type Member, type Tree } from './tree/tree.ts';

/** What still lives after this is another user's or stuck in the kernel; waiting longer has never helped. */
const KILL_LIMIT_MS = 5000;
/** A shim writes one small file after its agent; one that takes longer hangs. */
const SHIM_LIMIT_MS = 1000;
/** What stands still by then is killed, the rest in the next round. */
const HALT_LIMIT_MS = 200;
const LOOK_MS = 3;

export interface KillOptions {
  /** How long the agent may take to leave by itself; 0 for no such chance. */
  readonly politeMs: number;
  /** How it is asked. Default SIGTERM. */
  readonly interrupt?: 'SIGINT' | 'SIGTERM';
}

export interface Killed {
  /** How many processes there were, those that left when asked included. */
  readonly processes: number;
  /** How many of them still live. */
  readonly survivors: number;
  readonly ms: number;
}

/**
 * Ends all processes of `mark`, frozen or not, and confirms it by two looks that find none. Takes at most `politeMs` and
 * five seconds. `launched` adds a process that is known to belong to the mark even if it no longer carries it.
 */
export async function killTree(mark: string, launched: Launched | null, options: KillOptions): Promise<Killed> {
  checkMark(mark);
  const startedAt = performance.now();
  const seen = new Map<string, ProcessIdentity>();
  if (launched !== null && isAlive(launched.process)) seen.set(keyOf(launched.process), launched.process);
  if (options.politeMs > 0) await ask(mark, launched, seen, options);
  await exterminate(mark, seen);
  const survivors = [...seen.values()].filter(isAlive).length;
  return { processes: seen.size, survivors, ms: Math.round(performance.now() - startedAt) };
}

/** Asks the agent, or without one every process whose parent is a stranger, and waits for these only. */
async function ask(
  mark: string,
  launched: Launched | null,
  seen: Map<string, ProcessIdentity>,
  { politeMs, interrupt = 'SIGTERM' }: KillOptions,
): Promise<void> {
  const deadline = performance.now() + politeMs;
  const members = see(mark, seen).members;
  const asked = launched !== null ? [launched.process] : headsOf(members);
  await thaw(mark, launched);
  for (const head of asked) signalGroup(head, interrupt);
  while (asked.some(isAlive) && performance.now() < deadline) await sleep(LOOK_MS * 3);
  see(mark, seen);
}

async function exterminate(mark: string, seen: Map<string, ProcessIdentity>): Promise<void> {
  const deadline = performance.now() + KILL_LIMIT_MS;
  const folders = new Set<string>();
  const strangers = new Set<string>();
  let leftToShims = Number.POSITIVE_INFINITY;
  for (let quiet = 0, round = 0; quiet < 2 && performance.now() < deadline; round++) {
    const { members, shims } = see(mark, seen, strangers);
    const paths = members.map((member) => member.cgroup);
    for (const folder of cgroupsOf(mark, paths)) folders.add(folder);
    const populated = [...folders].filter(isPopulated);
    for (const folder of populated) killCgroup(folder);
    quiet = members.length + shims.length + populated.length === 0 ? quiet + 1 : 0;
    if (members.length > 0) {
      const halted = await halt(mark, [...seen.values()], HALT_LIMIT_MS + round * HALT_LIMIT_MS);
      for (const member of [...members, ...halted.members]) {
        seen.set(keyOf(member.process), member.process);
        signalProcess(member.process, 'SIGKILL');
      }
    } else if (shims.length > 0) {
      leftToShims = Math.min(leftToShims, performance.now());
      if (performance.now() - leftToShims > SHIM_LIMIT_MS) {
        for (const shim of shims) signalProcess(shim.process, 'SIGKILL');
      }
    }
    await sleep(Math.min(LOOK_MS + round, 50));
  }
  for (const folder of folders) removeCgroup(folder);
}

function see(mark: string, seen: Map<string, ProcessIdentity>, strangers = new Set<string>()): Tree {
  const now = look(mark, [...seen.values()], strangers);
  for (const member of now.members) seen.set(keyOf(member.process), member.process);
  return now;
}

function headsOf(members: readonly Member[]): ProcessIdentity[] {
  const pids = new Set(members.map((member) => member.process.pid));
  return members.filter((member) => !pids.has(member.ppid)).map((member) => member.process);
}
