/** Runs a long-lived shell command and hands over what it prints, line by line, at the pace of whoever takes it. Nothing is left behind. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { killTree } from './kill.ts';
import { spawnMarked } from './shell.ts';
import { checkMark } from './tree/mark.ts';

/** Of a longer line the rest is dropped: it becomes a journaled event and a part of a prompt. */
const LINE_MOST = 8192;
/** Of the error output, for the words when it ends. */
const ERROR_KEPT = 500;

export interface LinesSpec {
  /** For `sh -c`. */
  readonly command: string;
  readonly cwd: string;
  /** The whole environment; only LOOPTOP_RUN is added. */
  readonly env: Readonly<Record<string, string>>;
  /** This command's own: everything that carries it is ended before the start and after the end. */
  readonly mark: string;
  /** Takes one line, not empty, unsanitised, without its newline and of at most 8,192 characters. The command waits meanwhile. */
  line(text: string): Promise<void>;
  readonly signal: AbortSignal;
}

/** How it ended. */
export interface LinesEnd {
  readonly exit: number | null;
  readonly signal: string | null;
  /** The last line of its error output; empty when there is none. */
  readonly lastError: string;
}

/** Resolves when it, or its output, has ended or `signal` was aborted, and everything it started is dead. Rejects when it cannot be started. */
export async function runLines({ command, cwd, env, mark, line, signal }: LinesSpec): Promise<LinesEnd> {
  checkMark(mark);
  // A supervisor that died may have left this very command running.
  await killTree(mark, null, { politeMs: 0 });
  const nobody: LinesEnd = { exit: null, signal: null, lastError: '' };
  if (signal.aborted) return nobody;
  const child = spawnMarked({ command, cwd, env, mark }, 'apart');
  const exited: Promise<unknown[]> = once(child, 'exit');
  const errors = lastWords(child.stderr);
  const aborted = Promise.withResolvers<void>();
  const abort = () => aborted.resolve();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const read = readLines(child.stdout, async (text) => {
      if (!signal.aborted) await line(text);
    });
    // Whatever it was waiting for, once it is dead its output ends too.
    await Promise.race([exited, read, aborted.promise]);
    await killTree(mark, null, { politeMs: 0 });
    await exited;
    if (signal.aborted) child.stdout.destroy();
    // Whoever takes the lines may be waiting for a disk.
    else await Promise.race([read, aborted.promise]);
    return { exit: child.exitCode, signal: child.signalCode, lastError: errors() };
  } finally {
    signal.removeEventListener('abort', abort);
    await killTree(mark, null, { politeMs: 0 });
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

async function readLines(output: Readable, line: (text: string) => Promise<void>): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let open = '';
  try {
    for await (const chunk of output) {
      const parts = (open + decoder.write(chunk)).split('\n');
      open = (parts.pop() ?? '').slice(0, LINE_MOST);
      for (const part of parts) await take(part, line);
    }
  } catch (error) {
    // Destroyed by us, after an abort.
    if (!output.destroyed) throw error;
  }
  await take(open, line);
}

async function take(text: string, line: (text: string) => Promise<void>): Promise<void> {
  const whole = text.slice(0, LINE_MOST).replace(/\r$/, '');
  if (whole.trim() !== '') await line(whole);
}

/** Reads on, so that the command never waits, and keeps the end. */
function lastWords(output: Readable): () => string {
  let kept = '';
  output.setEncoding('utf8');
  output.on('data', (text: string) => {
    kept = (kept + text).slice(-ERROR_KEPT);
  });
  output.on('error', () => {});
  return () => kept.trim().split('\n').at(-1)?.trim() ?? '';
}
