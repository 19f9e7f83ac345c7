/** The agent as a child of the bridge: started with pipes, ended in bounded time. Never signals anything but this one process. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { ndJsonStream, type Stream } from '@agentclientprotocol/sdk';

/** What an agent has to end by itself once its input has ended, and again after SIGTERM. Grok ignores both for over 4 s. */
const GRACE_MS = 1000;

/** Longer than any line that was seen (409 kB): one that is longer than this ends the conversation. */
const LONGEST_LINE = 256 * 1024 * 1024;

export interface Child {
  readonly stream: Stream;
  /** Settles with what a person wants to know about its death: `exit code 3`, `ended by SIGKILL`, `not found`. Never rejects. */
  readonly death: Promise<string>;
  /** Ends it: its input, then SIGTERM, then SIGKILL. Resolves when it is gone. */
  end(): Promise<void>;
}

/** Its stderr goes to the bridge's own. */
export function startAgent([program = '', ...args]: readonly string[]): Child {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const death = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
    // Not `close`: a process that it left behind may hold its output open for ever.
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`));
  });
  // It may die with our words still in the pipe; its death says more.
  child.stdin.on('error', () => undefined);

  const goneWithin = async (ms: number): Promise<boolean> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, ms, false);
    });
    const gone = await Promise.race([death.then(() => true as const), late]);
    clearTimeout(timer);
    return gone;
  };

  return {
    stream: ndJsonStream(Writable.toWeb(child.stdin), Readable.toWeb(child.stdout), { maxMessageBytes: LONGEST_LINE }),
    death,
    async end() {
      child.stdin.end();
      if (await goneWithin(GRACE_MS)) return;
      child.kill('SIGTERM');
      if (await goneWithin(GRACE_MS)) return;
      child.kill('SIGKILL');
      await death;
    },
  };
}
