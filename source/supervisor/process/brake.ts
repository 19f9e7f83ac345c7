/**
 * Stops an agent between two of its requests, as fast as the kernel can be asked: its own process, and the programs that it is made of
 * when it stands behind a bridge or a launcher. The whole tree, marks and all, is `freeze`'s matter and takes a thousand times as long.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../../loop/state.ts';
import { identify, signalProcess } from './identity.ts';
import { readRow } from './tree/table.ts';

/** Bridge, launcher, agent. */
const GENERATIONS = 2;

/** Parents first: what has stopped starts nothing and buries nobody, so its children's pids stay theirs. */
export function stop(agent: ProcessIdentity): void {
  signalProcess(agent, 'SIGSTOP');
  for (const child of childrenOf(agent.pid)) descend(child, 1, (one) => void signalProcess(one, 'SIGSTOP'));
}

/** Undoes `stop`, children first. */
export function release(agent: ProcessIdentity): void {
  const stopped: ProcessIdentity[] = [agent];
  for (const child of childrenOf(agent.pid)) descend(child, 1, (one) => stopped.unshift(one));
  for (const one of stopped) signalProcess(one, 'SIGCONT');
}

function descend(identity: ProcessIdentity, generation: number, visit: (one: ProcessIdentity) => void): void {
  visit(identity);
  if (generation >= GENERATIONS) return;
  for (const child of childrenOf(identity.pid)) descend(child, generation + 1, visit);
}

/** None where the kernel does not list them (CONFIG_PROC_CHILDREN, and only on Linux). */
function childrenOf(pid: number): ProcessIdentity[] {
  const pids = list(() => readdirSync(`/proc/${pid}/task`)).flatMap((thread) =>
    list(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean)),
  );
  return pids.flatMap((text) => {
    const child = readRow(Number(text))?.ppid === pid ? identify(Number(text)) : null;
    return child === null ? [] : [child];
  });
}

function list(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    // It has ended in between, or there is no such file on this system.
    return [];
  }
}
