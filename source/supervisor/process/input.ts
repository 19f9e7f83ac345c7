/** The operator's end of a live agent's input. The shim's feeder, not the supervisor, holds it open, so this works across restarts. */
import { constants } from 'node:fs';
import { access, type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** An agent that has read nothing for this long is not listening. */
const LISTEN_LIMIT_MS = 10_000;
const RETRY_MS = 10;

/**
 * Writes `line` and a line feed into the agent's input, after everything it was given at the start. False when nobody reads
 * it: the agent has ended, its input is closed or was never live, or it has not read for ten seconds.
 */
export async function tell(dir: string, line: string): Promise<boolean> {
  const deadline = performance.now() + LISTEN_LIMIT_MS;
  // Before `fed` the feeder still writes: a pipe takes 64 KiB at once, and what we added would land in the midst of it.
  while (!(await exists(join(dir, 'fed')))) {
    if (performance.now() > deadline || !(await exists(join(dir, 'in')))) return false;
    await sleep(RETRY_MS);
  }
  const pipe = await openPipe(join(dir, 'in'));
  if (pipe === null) return false;
  try {
    return await writeAll(pipe, Buffer.from(`${line}\n`), deadline);
  } finally {
    await pipe.close();
  }
}

/** Lets the agent read end of file once it has read everything. Nothing happens when its input is closed or not live. */
export async function closeInput(dir: string): Promise<void> {
  const pipe = await openPipe(join(dir, 'hold'));
  try {
    // The shim keeps `hold` open itself, so this byte waits there even if the feeder has not come to read it yet.
    await pipe?.write('\n');
  } catch (error) {
    // The shim went in between, and took its feeder along.
    if (!isCode(error, 'EPIPE')) throw error;
  } finally {
    await pipe?.close();
  }
  // Both ends are open since the agent runs; without its name nobody can be told to write into it any more.
  await unlink(join(dir, 'in')).catch(ignoreMissing);
}

/** Opens a FIFO for writing without waiting for a reader; null when there is no FIFO or no reader. */
async function openPipe(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isCode(error, 'ENXIO', 'ENOENT')) return null;
    throw error;
  }
}

/** Up to 4,096 bytes (PIPE_BUF) go in whole or not at all; more can go in parts while the agent reads. */
async function writeAll(pipe: FileHandle, bytes: Buffer, deadline: number): Promise<boolean> {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += (await pipe.write(bytes, written)).bytesWritten;
    } catch (error) {
      if (isCode(error, 'EPIPE')) return false;
      if (!isCode(error, 'EAGAIN')) throw error;
      if (performance.now() > deadline) return false;
      await sleep(RETRY_MS);
    }
  }
  return true;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

function ignoreMissing(error: unknown): void {
  if (!isCode(error, 'ENOENT')) throw error;
}

const isCode = (error: unknown, ...codes: string[]) =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
