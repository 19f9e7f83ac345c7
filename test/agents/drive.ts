/** Runs one agent process as a supervisor would: a live stdin, events from its lines, end of input when it is finished. */
import { spawn } from 'node:child_process';
import type { Launch, Reader } from '../../source/agents/engine.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';

export interface Driver {
  write(line: string | null): void;
  kill(signal: NodeJS.Signals): void;
  readonly cwd: string;
  /** Milliseconds since the start. */
  readonly ms: number;
}

export interface Driven {
  readonly events: readonly AgentEvent[];
  /** What a shell would report: 128 + signal. */
  readonly code: number;
  readonly stderr: string;
  readonly lines: readonly string[];
}

export interface DriveOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A death sentence for a process that hangs, ms. */
  readonly limitMs?: number;
  readonly on?: (event: AgentEvent, driver: Driver) => void;
}

const SIGNALS: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

export async function drive(launch: Launch, reader: Reader, options: DriveOptions): Promise<Driven> {
  const [program, ...rest] = launch.argv;
  const began = performance.now();
  const child = spawn(program, rest, { cwd: options.cwd, env: { ...process.env, ...launch.env, ...options.env } });
  const events: AgentEvent[] = [];
  const lines: string[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  // The process may die with our words still in the pipe.
  child.stdin.on('error', () => undefined);
  const driver: Driver = {
    write: (line) => child.stdin.write(line ?? ''),
    kill: (signal) => child.kill(signal),
    cwd: options.cwd,
    get ms() {
      return performance.now() - began;
    },
  };
  const take = (some: AgentEvent[]) => {
    for (const event of some) {
      events.push(event);
      options.on?.(event, driver);
    }
  };
  let partial = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    const parts = (partial + chunk).split('\n');
    partial = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      take(reader.read(line));
      if (reader.finished) child.stdin.end();
    }
  });
  if (launch.stdin.kind === 'live') child.stdin.write(launch.stdin.first);
  else child.stdin.end(launch.stdin.kind === 'text' ? launch.stdin.text : '');

  const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? 20_000);
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + (SIGNALS[signal ?? ''] ?? 0)));
  }).finally(() => clearTimeout(limit));
  take(reader.end(code));
  return { events, code, stderr, lines };
}
