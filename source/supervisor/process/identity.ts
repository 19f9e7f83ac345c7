/** Who a process is, and the only two functions of this house that send a signal. A pid alone names nobody: the kernel reuses it. */
import type { ProcessIdentity } from '../../loop/state.ts';
import { isDead, type Row, readBootId, readRow } from './tree/table.ts';

/** The process that has `pid` now; null when none has. */
export function identify(pid: number): ProcessIdentity | null {
  const row = readRow(pid);
  return row === null ? null : identityOf(row);
}

export function identityOf(row: Row): ProcessIdentity {
  return { pid: row.pid, startTime: row.startTime, bootId: readBootId() };
}

/** Whether this very process still runs. A zombie does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  return rowOf(identity) !== null;
}

/** Sends `signal` when `identity` is alive. False when it is not, or when it is another user's. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return isAlive(identity) && send(identity.pid, signal);
}

/** As `signalProcess`, to its whole process group when it leads one, as a terminal's Ctrl-C does. */
export function signalGroup(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  const row = rowOf(identity);
  return row !== null && send(row.pgid === row.pid ? -row.pid : row.pid, signal);
}

function rowOf(identity: ProcessIdentity): Row | null {
  if (identity.bootId !== readBootId()) return null;
  const row = readRow(identity.pid);
  return row !== null && row.startTime === identity.startTime && !isDead(row) ? row : null;
}

function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}
