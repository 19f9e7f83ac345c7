/** Starts the background supervisor of a repository, detached from the terminal, and waits until it can be talked to. */
import { spawn } from 'node:child_process';
import { open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InfraError } from '../loop/errors.ts';
import { sanitize } from '../loop/text.ts';
import { HELD, makeHome, unwritable } from '../supervisor/home.ts';

/** Far above the 0.3 s of a cold start; a journal of months on a slow disk takes seconds. */
const START_MS = 10_000;
const RETRY_MS = 50;
/** How long the winner of a race for the lock may still need after the loser, our child, has ended. */
const WINNER_MS = 2000;
/** An older log is put aside as supervisor.log.1 beyond this. */
const LOG_BYTES = 1024 * 1024;
/** Of the log, in the error. */
const LINES_SHOWN = 3;

/**
 * `reach` tries to connect once; its first success is the result. Two callers at once are fine: the supervisors race for the lock
 * and both callers reach the winner.
 * @throws InfraError with the end of the supervisor's log when nothing answers within 10 s
 */
export async function startSupervisor<T>(root: string, reach: () => Promise<T | null>): Promise<T> {
  const home = join(root, '.looptop');
  await makeHome(home);
  const file = join(home, 'supervisor.log');
  await rotate(file);
  await using log = await open(file, 'a', 0o600).catch((error: unknown) => {
    throw unwritable(home, error);
  });
  const { size } = await log.stat();
  const [, program] = process.argv;
  if (program === undefined) throw new InfraError('cannot tell which program to start as the supervisor');
  const child = spawn(process.execPath, [...process.execArgv, program, 'up', '--foreground'], {
    cwd: root,
    detached: true,
    env: supervisorEnvironment(process.env),
    stdio: ['ignore', log.fd, log.fd],
  });
  let how = '';
  let exitCode: number | null = null;
  let deadline = performance.now() + START_MS;
  const end = (words: string): void => {
    how = words;
    deadline = Math.min(deadline, performance.now() + WINNER_MS);
  };
  child.once('error', (error) => end(error.message));
  child.once('exit', (code, signal) => {
    exitCode = code;
    end(`it ended with ${signal ?? `exit code ${code}`}`);
  });
  child.unref();
  while (performance.now() < deadline) {
    const reached = await reach();
    if (reached !== null) return reached;
    if (exitCode !== null && hopeless(await linesOf(file, size))) break;
    await sleep(RETRY_MS);
  }
  const lines = await linesOf(file, size);
  const reason = reasonIn(lines);
  if (reason !== undefined && exitCode !== null && exitCode > 0) throw new InfraError(reason, { exitCode });
  const why = how || `it does not answer after ${START_MS / 1000} s`;
  throw new InfraError(`the supervisor did not start, ${why}${endOf(lines, file)}`);
}

/** What an agent's process carries must not mark the supervisor too, or the end of that agent's run would be its own. */
export function supervisorEnvironment(outer: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(outer).filter(([name]) => !/^LOOPTOP_(RUN|RUN_ID|PASS|MODEL|ITEM|PROMPT)$/.test(name)),
  );
}

async function rotate(file: string): Promise<void> {
  const size = await stat(file).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > LOG_BYTES) await rename(file, `${file}.1`);
}

/** A supervisor that cannot begin says so as every verb does, so its words and its exit code are ours. */
function reasonIn(lines: readonly string[]): string | undefined {
  const at = lines.findLastIndex((line) => line.startsWith('looptop: '));
  return at < 0 ? undefined : lines.slice(at).join(' | ').replace('looptop: ', '');
}

/** It could not begin for another reason than that somebody else has begun, so nobody will answer. */
function hopeless(lines: readonly string[]): boolean {
  const reason = reasonIn(lines);
  return reason !== undefined && !reason.startsWith(HELD);
}

/** The last lines written after `from` (bytes), sanitised. */
async function linesOf(file: string, from: number): Promise<string[]> {
  await using handle = await open(file, 'r');
  const { size } = await handle.stat();
  const start = Math.max(from, size - 4096);
  const length = Math.max(0, size - start);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
  return buffer
    .toString('utf8', 0, bytesRead)
    .split('\n')
    .map((line) => sanitize(line).trim())
    .filter((line) => line !== '');
}

/** As one line for people; says where the rest is. */
function endOf(lines: readonly string[], file: string): string {
  const words = lines.slice(-LINES_SHOWN).join(' | ');
  return words === '' ? `; ${file} says nothing` : `: ${words} (${file})`;
}
