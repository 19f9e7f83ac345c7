/** Runs one shell command of a gate or a setup to its end: output to a file, a clock that can be held, and nothing left behind. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Countdown } from './countdown.ts';
import { killTree } from './kill.ts';
import { makeCgroup } from './tree/cgroup.ts';
import { checkMark, RUN_VARIABLE } from './tree/mark.ts';

/** More output than this is dropped: nobody reads it, and it would fill the disk. */
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;
/** How long we wait for the end of the output when something that could not be killed holds it open. */
const LINGER_MS = 500;

export interface ShellSpec {
  /** For `sh -c`. */
  readonly command: string;
  readonly cwd: string;
  /** The whole environment; only LOOPTOP_RUN is added. */
  readonly env: Readonly<Record<string, string>>;
  /** This command's own: everything that carries it is ended before the start and after the end. */
  readonly mark: string;
  /** File for what it prints on stdout, and on stderr where that has no file of its own; written anew, at most 64 MiB. */
  readonly out: string;
  /** File for what it prints on stderr; the same limit. */
  readonly err?: string;
  /** File that it reads on stdin; without one there is nothing to read. */
  readonly input?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface ShellResult {
  /** Null when a signal ended it. */
  readonly exit: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  /** How long it ran, without the time on hold. */
  readonly ms: number;
}

export interface Shell {
  /**
   * Resolves when it, and everything it started, is dead. Rejects, and not before that either, with the reason of
   * `signal` when aborted, and when it cannot be started or its output cannot be written.
   */
  readonly done: Promise<ShellResult>;
  /** Holds the clock of the timeout, for as long as the processes are frozen. Idempotent, as is `release`. */
  hold(): void;
  release(): void;
}

/** Starts `command` in a session of its own. */
export function runShell(spec: ShellSpec): Shell {
  checkMark(spec.mark);
  const countdown = new Countdown(spec.timeoutMs);
  return { done: run(spec, countdown), hold: () => countdown.hold(), release: () => countdown.release() };
}

/** Joins the cgroup and becomes the shell that runs the command. */
const ENTER = '{ echo 0 >"$1/cgroup.procs"; } 2>/dev/null; exec /bin/sh -c "$2" <"$3"';

/** Starts a shell command that carries `mark`, in a session of its own. Its error output goes where its output goes, or apart. */
export function spawnMarked(
  { command, cwd, env, mark, input }: Pick<ShellSpec, 'command' | 'cwd' | 'env' | 'mark' | 'input'>,
  errors: 'with-output' | 'apart',
): ChildProcessByStdio<null, Readable, Readable> {
  const enter = errors === 'apart' ? ENTER : `${ENTER} 2>&1`;
  return spawn('/bin/sh', ['-c', enter, 'sh', makeCgroup(mark) ?? '', command, input ?? '/dev/null'], {
    cwd,
    env: { ...env, [RUN_VARIABLE]: mark },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run(
  { command, cwd, env, mark, out, err, input, signal }: ShellSpec,
  countdown: Countdown,
): Promise<ShellResult> {
  signal?.throwIfAborted();
  // A supervisor that died may have left this very command running.
  await killTree(mark, null, { politeMs: 0 });
  signal?.throwIfAborted();

  // A pipe, unlike an agent's files: it caps the output, and a gate whose supervisor has died has nobody to answer to.
  const child = spawnMarked(
    { command, cwd, env, mark, ...(input !== undefined && { input }) },
    err === undefined ? 'with-output' : 'apart',
  );
  const exited: Promise<unknown[]> = once(child, 'exit');
  const outputs = [...opened(child.stdout, out), ...(err === undefined ? [] : opened(child.stderr, err))];
  const written = Promise.all(
    outputs.map(({ stream, file }) =>
      pipeline(stream, cap(OUTPUT_LIMIT_BYTES), createWriteStream(file, { mode: 0o600 })),
    ),
  );
  const over = new AbortController();
  countdown.start();
  try {
    const cause = await Promise.race([
      exited.then(() => 'exit' as const),
      written.then(() => exited).then(() => 'exit' as const),
      countdown.over.then(() => 'timeout' as const),
      untilAborted(signal, over.signal).then(() => 'abort' as const),
    ]);
    const ms = countdown.stop();
    await killTree(mark, null, { politeMs: 0 });
    await exited;
    await finish(outputs, written);
    if (cause === 'abort') signal?.throwIfAborted();
    return { exit: child.exitCode, signal: child.signalCode, timedOut: cause === 'timeout', ms };
  } catch (error) {
    await killTree(mark, null, { politeMs: 0 });
    throw error;
  } finally {
    over.abort();
    countdown.stop();
  }
}

interface Output {
  readonly stream: Readable;
  readonly file: string;
}

const opened = (stream: Readable | null, file: string): Output[] => (stream === null ? [] : [{ stream, file }]);

/** Lets the first `limit` bytes through and swallows the rest, so that the command is never held up by it. */
function cap(limit: number): Transform {
  let left = limit;
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      const kept = chunk.subarray(0, left);
      left -= kept.length;
      if (kept.length > 0) done(null, kept);
      else done();
    },
  });
}

async function finish(outputs: readonly Output[], written: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  const lingering = sleep(LINGER_MS, true, { signal: patience.signal }).catch(() => false);
  try {
    if (await Promise.race([written.then(() => false), lingering])) {
      for (const { stream } of outputs) stream.destroy();
      await written.catch(() => {});
    }
  } finally {
    patience.abort();
  }
}

async function untilAborted(signal: AbortSignal | undefined, over: AbortSignal): Promise<void> {
  if (signal === undefined) return new Promise(() => {});
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true, signal: over });
  });
}
