/**
 * The process table by POSIX `ps`, for systems without /proc. Weaker than Linux and not hidden to be so: no sessions, no
 * environments (so no marks: only kinship is left), start times to the second.
 */
import { execaSync } from 'execa';
import type { Row } from './row.ts';

const COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=';

export function readPsTable(): Map<number, Row> {
  return parsePs(execaSync('ps', ['-A', '-o', COLUMNS], { env: { LC_ALL: 'C' } }).stdout);
}

export function readPsRow(pid: number): Row | null {
  const { stdout } = execaSync('ps', ['-o', COLUMNS, '-p', String(pid)], { env: { LC_ALL: 'C' }, reject: false });
  return parsePs(stdout).get(pid) ?? null;
}

export function parsePs(output: string): Map<number, Row> {
  const table = new Map<number, Row>();
  for (const line of output.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S)\S*\s+(.+?)\s*$/.exec(line);
    if (!match) continue;
    const [pid, ppid, pgid] = [Number(match[1]), Number(match[2]), Number(match[3])];
    table.set(pid, { pid, ppid, pgid, sid: 0, state: match[4] ?? '', startTime: match[5] ?? '', threads: 1 });
  }
  return table;
}
