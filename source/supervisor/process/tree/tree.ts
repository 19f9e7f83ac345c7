/**
 * Which processes belong to a mark: those that carry it, those in its cgroup, and their kin to a fixpoint. Nine ways for a
 * tool to leave its parent were tried; only one that also clears its environment and forks twice escapes this, and the
 * cgroup holds that one. It looks; it signals nobody.
 */
import type { ProcessIdentity } from '../../../loop/state.ts';
import { identityOf } from '../identity.ts';
import { isInCgroup } from './cgroup.ts';
import { carries, RUN_VARIABLE, SHIM_VARIABLE } from './mark.ts';
import { isDead, type Row, readBootId, readCgroupPath, readEnvironment, readTable } from './table.ts';

export interface Member {
  readonly process: ProcessIdentity;
  readonly ppid: number;
  readonly state: string;
  /** Its cgroup path, when that is the mark's; null when it is a member for another reason. */
  readonly cgroup: string | null;
}

export interface Tree {
  /** Everything alive that the mark started; parents before their children. */
  readonly members: readonly Member[];
  /** The shims that wait for them: not members, so that they survive to write down how the agent ended. */
  readonly shims: readonly Member[];
}

/**
 * One look at everything alive that belongs to `mark`. `roots` are processes known to belong to it already: they and their
 * kin are included while they live, even when they carry nothing. Never this process, its ancestors or pid 1.
 */
export function tree(mark: string, roots: readonly ProcessIdentity[]): Tree {
  return look(mark, roots, new Set());
}

/**
 * As `tree`, for several looks in a row. `strangers` remembers between them who carried no mark, at a third of the cost: a
 * mark comes by birth, and kinship is judged anew each time.
 */
export function look(mark: string, roots: readonly ProcessIdentity[], strangers: Set<string>): Tree {
  const known = new Set(roots.filter((root) => root.bootId === readBootId()).map(keyOf));
  const members = new Map<number, Row>();
  const cgroups = new Map<number, string>();
  const shims: Row[] = [];

  const table = readTable((row) => {
    const key = keyOf(row);
    if (known.has(key)) members.set(row.pid, row);
    if (strangers.has(key) || isDead(row) || isKernelThread(row)) return;
    const path = readCgroupPath(row.pid);
    if (isInCgroup(path, mark) && path !== null) cgroups.set(row.pid, path);
    const environment = readEnvironment(row.pid);
    const isShims = carries(environment, SHIM_VARIABLE, mark);
    const isMarked = isShims || carries(environment, RUN_VARIABLE, mark);
    // Only the shim itself leads a session; its helpers, and an agent not yet exec'd, still show its environment.
    if (isShims && row.pid === row.sid) shims.push(row);
    else if (isMarked || cgroups.has(row.pid)) members.set(row.pid, row);
    // In the midst of an exec it is empty: that says nothing.
    else if (environment.length > 0) strangers.add(key);
  });
  const exempt = new Set([...ancestry(table, process.pid), ...shims.map((shim) => shim.pid)]);
  for (const pid of exempt) members.delete(pid);
  close(table, members, exempt);

  const alive = (row: Row) => !isDead(row);
  const member = (row: Row): Member => ({
    process: identityOf(row),
    ppid: row.ppid,
    state: row.state,
    cgroup: cgroups.get(row.pid) ?? null,
  });
  return { members: parentsFirst(members).filter(alive).map(member), shims: shims.filter(alive).map(member) };
}

/** One process in one boot, as a key for sets. */
export const keyOf = (process: { readonly pid: number; readonly startTime: string }): string =>
  `${process.pid}:${process.startTime}`;

/**
 * Adds kin until nothing is added. A group or session is followed only when its leader is a member: else the operator's own
 * shell would be swept away with the agent that it started.
 */
function close(table: ReadonlyMap<number, Row>, members: Map<number, Row>, exempt: ReadonlySet<number>): void {
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const row of table.values()) {
      if (members.has(row.pid) || exempt.has(row.pid)) continue;
      if (members.has(row.ppid) || members.has(row.pgid) || members.has(row.sid)) members.set(row.pid, row);
    }
  }
}

function ancestry(table: ReadonlyMap<number, Row>, pid: number): Set<number> {
  const found = new Set([0, 1]);
  for (let row = table.get(pid); row !== undefined && !found.has(row.pid); row = table.get(row.ppid))
    found.add(row.pid);
  return found;
}

/** kthreadd is pid 2 outside of containers and all kernel threads are its children; pid 2 of a container has a session. */
const isKernelThread = (row: Row) => row.sid === 0 && (row.pid === 2 || row.ppid === 2) && process.platform === 'linux';

function parentsFirst(members: ReadonlyMap<number, Row>): Row[] {
  const ordered = new Set<Row>();
  const place = (row: Row, depth: number): void => {
    const parent = members.get(row.ppid);
    if (parent !== undefined && parent !== row && !ordered.has(parent) && depth < members.size)
      place(parent, depth + 1);
    ordered.add(row);
  };
  for (const row of members.values()) place(row, 0);
  return [...ordered];
}
