/** Runs what a loop's `discover` names, in the main checkout, and reads what it prints. What becomes of it is decided elsewhere. */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Discovery } from '../loop/definition/definition.ts';
import { type Found, readFound } from '../loop/triage/discovery.ts';
import { digest } from '../loop/triage/item.ts';
import { formatDuration } from '../loop/units.ts';
import { loopEnvironment } from './environment.ts';
import { runShell } from './process/shell.ts';

/** `gh` with a page of a hundred issues takes seconds; whoever lists takes longer has a wait in it. */
const TIMEOUT_MS = 120_000;
/** Bytes of its output that are read: the rest of a longer list comes when this is done. */
const READ_BYTES = 8 * 1024 * 1024;
/** Characters of its error output that are told. */
const SAID = 300;

export type Discovered = { readonly found: Found } | { readonly failed: string };

export interface Discoverer {
  /** Never rejects but when it is closed. Two at once of one loop are one. */
  discover(loop: string, discovery: Discovery): Promise<Discovered>;
  /** Ends what is under way and everything that it started. */
  close(): Promise<void>;
}

/** @param root of the repository @param home its `.looptop` */
export function createDiscoverer(root: string, home: string): Discoverer {
  const over = new AbortController();
  const underWay = new Map<string, Promise<Discovered>>();
  return {
    discover(loop, discovery) {
      const known = underWay.get(loop);
      if (known) return known;
      const look = run(root, join(home, 'discover', loop), loop, discovery, over.signal)
        .catch((cause: unknown): Discovered => {
          over.signal.throwIfAborted();
          return { failed: `discover cannot be run: ${cause instanceof Error ? cause.message : String(cause)}` };
        })
        .finally(() => underWay.delete(loop));
      underWay.set(loop, look);
      return look;
    },
    async close() {
      over.abort();
      await Promise.allSettled(underWay.values());
    },
  };
}

async function run(
  root: string,
  folder: string,
  loop: string,
  discovery: Discovery,
  signal: AbortSignal,
): Promise<Discovered> {
  const [out, err] = [join(folder, 'out'), join(folder, 'err')];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rm(err, { force: true });
  const shell = runShell({
    // What it says of errors is no item; the shell room writes both to one file.
    command: `exec 2>"$LOOPTOP_STDERR"\n${discovery.run}`,
    cwd: root,
    env: { ...loopEnvironment(), LOOPTOP_LOOP: loop, LOOPTOP_STDERR: err },
    // The same in every life of the supervisor: the next one ends what this one may leave running.
    mark: digest(`discover ${root} ${loop}`, 32),
    out,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  const { exit, timedOut } = await shell.done;
  if (timedOut) return { failed: `discover took longer than ${formatDuration(TIMEOUT_MS)}` };
  if (exit !== 0) {
    const said = (await readFile(err, 'utf8').catch(() => '')).trim().split('\n').at(-1)?.slice(0, SAID) ?? '';
    return {
      failed: `discover ended with ${exit === null ? 'a signal' : `exit code ${exit}`}${said === '' ? '' : `: ${said}`}`,
    };
  }
  const found = readFound(await beginningOf(out), discovery);
  if (found.items.length === 0 && found.unread > 0)
    return { failed: `discover printed ${found.unread} lines and none of them is a JSON object with ${discovery.key}` };
  return { found };
}

async function beginningOf(file: string): Promise<string> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const bytes = Buffer.alloc(Math.min(size, READ_BYTES));
  await handle.read(bytes, 0, bytes.length, 0);
  const text = bytes.toString('utf8');
  // Its last line may be half of one.
  return size > bytes.length ? text.slice(0, text.lastIndexOf('\n') + 1) : text;
}
