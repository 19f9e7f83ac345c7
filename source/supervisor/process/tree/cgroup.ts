/**
 * One cgroup v2 folder per mark, below our own, where the system lets us make one: the kernel's own list of everything an
 * agent started, which no daemonising, cleared environment or new session escapes. Everything here may fail and says so by
 * null or false; then marks and kinship have to do.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCgroupPath } from './table.ts';

interface Mount {
  /** Where the hierarchy is mounted, e.g. `/sys/fs/cgroup` or, in hybrid systems, `/sys/fs/cgroup/unified`. */
  readonly at: string;
  /** The cgroup that is seen there: `/` but in some containers. */
  readonly root: string;
}

let mount: Mount | null | undefined;

/** Whether agents may be put into cgroups. `LOOPTOP_CONTAINMENT=marked` in our environment says no. */
const allowed = () => process.env.LOOPTOP_CONTAINMENT !== 'marked';

/** Makes the folder of `mark` for a process to move into; null when that is not possible here. */
export function makeCgroup(mark: string): string | null {
  if (!allowed()) return null;
  const folder = ownFolder(mark);
  if (folder === null) return null;
  try {
    mkdirSync(folder, { recursive: true });
    return folder;
  } catch {
    return null;
  }
}

/** Whether a process whose cgroup path is `path` is held by the cgroup of `mark`. */
export function isInCgroup(path: string | null, mark: string): boolean {
  return path !== null && `${path}/`.includes(`/${nameOf(mark)}/`);
}

/**
 * The folders of `mark` that exist: ours, and those in which `paths` (cgroup paths of its processes) live. They differ
 * when the supervisor that made them was started from elsewhere.
 */
export function cgroupsOf(mark: string, paths: readonly (string | null)[]): string[] {
  const found = new Set<string>();
  const own = ownFolder(mark);
  if (own !== null) found.add(own);
  for (const path of paths) {
    if (path === null || !isInCgroup(path, mark)) continue;
    const end = `${path}/`.indexOf(`/${nameOf(mark)}/`) + nameOf(mark).length + 1;
    const folder = folderOf(path.slice(0, end));
    if (folder !== null) found.add(folder);
  }
  return [...found].filter((folder) => existsSync(folder));
}

/** Whether anything lives inside: the kernel's word, which no look at the process table can match. */
export const isPopulated = (folder: string): boolean => /^populated 1$/m.test(read(join(folder, 'cgroup.events')));

/** SIGKILL to everything inside, forks in progress included; false before Linux 5.14 and when refused. */
export const killCgroup = (folder: string): boolean => write(join(folder, 'cgroup.kill'), '1');

/** Halts everything inside; resolves when the kernel confirms it, false when it does not within `limitMs`. */
export async function freezeCgroup(folder: string, limitMs: number): Promise<boolean> {
  if (!write(join(folder, 'cgroup.freeze'), '1')) return false;
  const deadline = performance.now() + limitMs;
  while (!/^frozen 1$/m.test(read(join(folder, 'cgroup.events')))) {
    if (performance.now() > deadline) return false;
    await sleep(1);
  }
  return true;
}

export const thawCgroup = (folder: string): boolean => write(join(folder, 'cgroup.freeze'), '0');

/** Removes the folder and those below it; what is in use stays. */
export function removeCgroup(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeCgroup(join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch {
    return;
  }
}

/** `abc/gate` → `looptop-abc/looptop-gate`: the prefix keeps a mark apart from the kernel's own file names. */
const nameOf = (mark: string) =>
  mark
    .split('/')
    .map((part) => `looptop-${part}`)
    .join('/');

function ownFolder(mark: string): string | null {
  const path = readCgroupPath('self');
  const folder = path === null ? null : folderOf(path);
  return folder === null ? null : join(folder, nameOf(mark));
}

function folderOf(path: string): string | null {
  mount ??= findMount();
  if (mount === null) return null;
  if (mount.root === '/') return join(mount.at, path);
  return `${path}/`.startsWith(`${mount.root}/`) ? join(mount.at, path.slice(mount.root.length)) : null;
}

/** proc(5): `31 23 0:28 ROOT MOUNT-POINT options [tags] - cgroup2 …`, with spaces written as `\040`. */
function findMount(): Mount | null {
  const match = /^\d+ \d+ \S+ (\S+) (\S+) .*? - cgroup2 /m.exec(read('/proc/self/mountinfo'));
  const [root, at] = [match?.[1], match?.[2]];
  return root === undefined || at === undefined ? null : { root, at: at.replaceAll('\\040', ' ') };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function write(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'r+' });
    return true;
  } catch {
    return false;
  }
}
