/** What a process has used of the machine, from /proc: CPU time and resident memory. Linux only. */
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** USER_HZ, the unit of /proc/PID/stat: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU seconds of a process and all its threads so far. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name in parentheses may hold spaces: fields are counted from behind it, utime is the 14th of all.
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory in MiB. */
export function residentMiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(line?.[1] ?? 0) / 1024;
}

/** MiB that are in use after a full collection in a process that has heap-probe.cjs. */
export async function heapMiB(pid: number, folder: string): Promise<number> {
  const file = join(folder, String(pid));
  await rm(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (let tries = 0; tries < 100; tries++) {
    await sleep(50);
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return Number(text);
  }
  return Number.NaN;
}

/** Runnable processes of the last minute, the machine's own measure of how quiet it is. */
export const load = (): number => Number(readFileSync('/proc/loadavg', 'latin1').split(' ')[0]);

export interface Used {
  /** Percent of one core, averaged over the time. */
  readonly cpu: number;
  readonly rssBefore: number;
  readonly rssAfter: number;
}

/** Watches processes, by any name, for some seconds. */
export async function watch<Name extends string>(
  pids: Readonly<Record<Name, number>>,
  seconds: number,
): Promise<Record<Name, Used>> {
  const names = Object.keys(pids) as Name[];
  const before = names.map((name) => ({ cpu: cpuSeconds(pids[name]), rss: residentMiB(pids[name]) }));
  const began = performance.now();
  await sleep(seconds * 1000);
  const took = (performance.now() - began) / 1000;
  const used = names.map((name, at): [Name, Used] => [
    name,
    {
      cpu: (100 * (cpuSeconds(pids[name]) - (before[at]?.cpu ?? 0))) / took,
      rssBefore: before[at]?.rss ?? 0,
      rssAfter: residentMiB(pids[name]),
    },
  ]);
  return Object.fromEntries(used) as Record<Name, Used>;
}
