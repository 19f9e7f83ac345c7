/** A program on a terminal of its own, 200x50, whose every byte is read: util-linux's `script` holds the other side. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Terminal extends AsyncDisposable {
  /** Of the program itself. */
  readonly pid: number;
  /** Bytes that it has written so far. */
  readonly bytes: number;
  type(keys: string): void;
  /** Resolves with the time (performance.now) of the first chunk from now on that holds `text`; rejects after `limitMs`. */
  shows(text: string, limitMs?: number): Promise<number>;
  /** Resolves when the program has ended. */
  readonly ended: Promise<unknown>;
}

/** Runs a command line of the shell; it must not fork, so that its pid is the program's (`exec`). */
export async function openTerminal(line: string, cwd: string, env: Record<string, string>): Promise<Terminal> {
  const folder = await mkdtemp(join(tmpdir(), 'looptop-bench-'));
  const script = spawn('script', ['-qfec', `stty cols 200 rows 50; echo $$ >"$PID_FILE"; exec ${line}`, '/dev/null'], {
    cwd,
    env: { ...env, SHELL: '/bin/sh', TERM: 'xterm-256color', CI: 'false', PID_FILE: join(folder, 'pid') },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(script, 'exit');
  let bytes = 0;
  let hear: (chunk: Buffer, at: number) => void = () => {};
  script.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    hear(chunk, performance.now());
  });
  const pid = await readPid(join(folder, 'pid'));
  return {
    pid,
    ended,
    get bytes() {
      return bytes;
    },
    type: (keys) => void script.stdin.write(keys),
    shows: (text, limitMs = 10_000) =>
      new Promise((resolve, reject) => {
        const wanted = Buffer.from(text);
        let rest = Buffer.alloc(0);
        const timer = setTimeout(() => reject(new Error(`the terminal never showed ${JSON.stringify(text)}`)), limitMs);
        hear = (chunk, at) => {
          const together = Buffer.concat([rest, chunk]);
          // A text can be cut by the end of a chunk.
          rest = together.subarray(Math.max(0, together.length - wanted.length));
          if (!together.includes(wanted)) return;
          clearTimeout(timer);
          hear = () => {};
          resolve(at);
        };
      }),
    async [Symbol.asyncDispose]() {
      if (script.exitCode === null && script.signalCode === null) {
        process.kill(pid, 'SIGTERM');
        const late = setTimeout(() => script.kill('SIGKILL'), 3000);
        await ended;
        clearTimeout(late);
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readPid(file: string): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (pid > 0) return pid;
    await sleep(25);
  }
  throw new Error('the terminal never started its program');
}
