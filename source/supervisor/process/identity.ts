/** Who a process is, so that a pid that came back as somebody else is never mistaken for it. Linux: read from /proc. */
import { readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../../loop/state.ts';

/** The identity of the process that has this pid now; null when there is none (or it is dead and not yet reaped). */
export function identify(pid: number): ProcessIdentity | null {
  const stat = readStat(pid);
  if (stat === null || stat.dead) return null;
  return { pid, startTime: stat.startTime, bootId: readBootId() };
}

/** Whether this very process still exists. A stopped process is alive, a zombie is not. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== null && now.startTime === identity.startTime && now.bootId === identity.bootId;
}

function readStat(pid: number): { startTime: string; dead: boolean } | null {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === null) return null;
  // proc(5): `pid (comm) state ppid ...`. The name may hold spaces and brackets, so count from the last one:
  // state is field 3, start time field 22.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  if (state === undefined || startTime === undefined) return null;
  return { startTime, dead: state === 'Z' || state === 'X' };
}

let bootId: string | null = null;
function readBootId(): string {
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return bootId;
}

/** ENOENT: no such process. ESRCH: it died between open and read. */
function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
