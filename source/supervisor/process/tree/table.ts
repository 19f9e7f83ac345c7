/** The kernel's process table as rows, read fresh each time. It knows nothing of runs; what a row belongs to is `tree.ts`'s question. */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { platform } from 'node:process';
import type { Row } from './row.ts';
import { readPsRow, readPsTable } from './table-ps.ts';

export type { Row } from './row.ts';

const linux = platform === 'linux';
const NOTHING = Buffer.alloc(0);
/** Read into again and again; an environment is rarely larger. */
let page = Buffer.alloc(64 * 1024);

/** A process that forks and exits moves on every few ms; one that does so faster than this many listings is not worth more. */
const LISTINGS = 20;

/**
 * Every process there is, by pid: about 20 µs each on Linux; elsewhere one run of `ps`. `visit` is called for each at once,
 * while it can still be read. Listings are repeated until one shows no new pid: otherwise a process that hops from pid to
 * pid faster than a look takes is never seen.
 */
export function readTable(visit: (row: Row) => void = () => {}): Map<number, Row> {
  const table = linux ? new Map<number, Row>() : readPsTable();
  if (!linux) for (const row of table.values()) visit(row);
  const seen = new Set<string>();
  for (let listing = 0, news = linux; news && listing < LISTINGS; listing++) {
    news = false;
    for (const name of readdirSync('/proc')) {
      if (seen.has(name) || !/^[0-9]+$/.test(name)) continue;
      seen.add(name);
      news = true;
      const row = readRow(Number(name));
      if (row === null) continue;
      table.set(row.pid, row);
      visit(row);
    }
  }
  return table;
}

/** One process; null when there is none of this pid. */
export function readRow(pid: number): Row | null {
  if (!linux) return readPsRow(pid);
  return parseStat(readProc(`/proc/${pid}/stat`).toString('latin1'));
}

/**
 * Reads a line of /proc/PID/stat; null when it is none. The name in field 2 may hold spaces and brackets, so fields are
 * counted from the last `)`.
 */
export function parseStat(line: string): Row | null {
  const close = line.lastIndexOf(') ');
  if (close < 0) return null;
  const fields = line.slice(close + 2).split(' ');
  const state = fields[0];
  const startTime = fields[19];
  if (state === undefined || startTime === undefined) return null;
  return {
    pid: Number.parseInt(line, 10),
    ppid: Number(fields[1]),
    pgid: Number(fields[2]),
    sid: Number(fields[3]),
    state,
    startTime,
    threads: Number(fields[17]),
  };
}

/** A zombie is dead, unless only its first thread has ended (proc(5) then still shows `Z` for the whole process). */
export const isDead = (row: Row): boolean => row.state === 'X' || (row.state === 'Z' && row.threads <= 1);

/** The environment a process was started with, NUL between entries; empty when it cannot be read. Valid until the next read. */
export function readEnvironment(pid: number): Buffer {
  return linux ? readProc(`/proc/${pid}/environ`) : NOTHING;
}

/** The process's path in the cgroup v2 hierarchy; null when there is none. */
export function readCgroupPath(pid: number | 'self'): string | null {
  if (!linux) return null;
  return /^0::(.*)$/m.exec(readProc(`/proc/${pid}/cgroup`).toString())?.[1] ?? null;
}

let boot: string | null = null;

/** This boot of the machine: a start time means nothing across two of them. */
export function readBootId(): string {
  boot ??= linux ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() : 'unknown';
  return boot;
}

/**
 * A whole /proc file, valid until the next call. They have no size to ask for, and their process may end between any two
 * calls: then empty. A read that does not fill the buffer was the last: asking again costs as much as the first.
 */
function readProc(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return NOTHING;
  }
  try {
    for (let length = 0; ; ) {
      const more = readSync(file, page, length, page.length - length, null);
      length += more;
      if (more === 0 || length < page.length) return page.subarray(0, length);
      page = Buffer.concat([page], page.length * 2);
    }
  } catch {
    return NOTHING;
  } finally {
    closeSync(file);
  }
}
