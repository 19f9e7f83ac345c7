/**
 * One supervisor per repository: a lock file that is published whole by link() and names its holder.
 * No heartbeat and no timeout: a holder that is stopped or asleep is still the holder, only a dead one is replaced.
 */
import { createHash, randomBytes } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity } from '../loop/state.ts';
import { identify, isAlive } from './process/identity.ts';

export interface Lock {
  /** False once somebody removed or replaced the file: then another supervisor can begin beside this one. */
  isHeld(): Promise<boolean>;
  /** Gives the lock back. Safe to call twice. */
  release(): Promise<void>;
}

/**
 * How long a contender waits for another one that is just replacing a stale lock. That takes it milliseconds, but 24 of them
 * on two busy cores have needed seconds; only one that was stopped in that moment needs longer.
 */
const PATIENCE_MS = 15_000;

/**
 * Takes the lock, or says which live process holds it. The folder of `file` must exist.
 *
 * A stale lock is only replaced by whoever holds the lock on replacing *this* one (`<file>.<hash of its content>`, taken
 * by the same rules), after reading it once more. Renaming a stale file away and checking afterwards, as is common, leaves
 * a moment without any lock file in which a third process becomes a second holder.
 * @throws what the file system throws when the folder cannot be written
 */
export async function takeLock(file: string): Promise<Lock | { heldBy: ProcessIdentity }> {
  const self = identify(process.pid);
  if (self === null) throw new Error('this process cannot be found in /proc, so it cannot sign a lock file');
  const text = `${JSON.stringify({ ...self, nonce: randomBytes(8).toString('hex') })}\n`;
  const draft = `${file}.${randomBytes(8).toString('hex')}.new`;
  try {
    await writeFile(draft, text, { flag: 'wx', mode: 0o600 });
    const outcome = await contend(file, draft, text);
    if ('release' in outcome) await sweep(file);
    return outcome;
  } finally {
    await rm(draft, { force: true });
  }
}

async function contend(file: string, draft: string, text: string): Promise<Lock | { heldBy: ProcessIdentity }> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    if (await publish(draft, file)) return held(file, text);
    const found = await read(file);
    if (found === null) continue;
    const holder = parse(found);
    if (holder !== null && isAlive(holder)) return { heldBy: holder };

    const right = await takeLock(`${file}.${createHash('sha256').update(found).digest('hex').slice(0, 16)}`);
    if ('heldBy' in right) {
      if (performance.now() > deadline) return right;
      await sleep(5);
      continue;
    }
    try {
      if ((await read(file)) === found) {
        await rename(draft, file);
        return held(file, text);
      }
    } finally {
      await right.release();
    }
  }
}

function held(file: string, text: string): Lock {
  return {
    isHeld: async () => (await read(file)) === text,
    async release() {
      // Nobody replaces the lock of a live process, so what is read here is still there when it is removed.
      if ((await read(file)) === text) await rm(file, { force: true });
    },
  };
}

/** Drafts and rights that processes left behind when they were killed: only files whose writer is dead. */
async function sweep(file: string): Promise<void> {
  const folder = dirname(file);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${basename(file)}.`)) continue;
    const path = join(folder, name);
    const writer = parse((await read(path)) ?? '');
    if (writer !== null && !isAlive(writer)) await rm(path, { force: true });
  }
}

async function publish(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Null when it names no process: no supervisor wrote that, or the machine went down before it was on the disk. */
function parse(text: string): ProcessIdentity | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    if (!('pid' in value && 'startTime' in value && 'bootId' in value)) return null;
    const { pid, startTime, bootId } = value;
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return null;
    if (typeof startTime !== 'string' || typeof bootId !== 'string') return null;
    return { pid, startTime, bootId };
  } catch {
    return null;
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null);
