/**
 * A program that runs `codex app-server` and speaks with it: agent events on stdout, words for the agent on stdin (bridge/protocol).
 * `codex-bridge --model M --sandbox S --approvals A [--effort E] [--resume ID] -- codex app-server …`. What it says to
 * codex and makes of its answers is the conversation's; here are only processes, pipes and signals.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createConversation, type Spoken, type ThreadSettings } from '../codex/conversation.ts';
import { eachLine } from './lines.ts';
import type { FromBridge } from './protocol.ts';

/** From the end of its input codex needs 0.03 s to leave; its tools may take longer to end. */
const LEAVE_MS = 2000;
/** A turn that was interrupted by a signal is not waited for longer than this. */
const INTERRUPT_MS = 1500;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: '' },
    sandbox: { type: 'string', default: 'read-only' },
    approvals: { type: 'string', default: 'never' },
    effort: { type: 'string' },
    resume: { type: 'string' },
  },
});
const [program = 'codex', ...args] = positionals;
const conversation = createConversation({
  model: values.model,
  effort: values.effort ?? null,
  sandbox: values.sandbox as ThreadSettings['sandbox'],
  approvals: values.approvals as ThreadSettings['approvals'],
  cwd: process.cwd(),
  resume: values.resume ?? null,
});

// A group of its own: an interrupt of ours is a message, and must not end it as the terminal's would.
const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
const PAUSE = new Int32Array(new SharedArrayBuffer(4));
let inputOver = false;
let leaving = false;
let signalled: NodeJS.Signals | null = null;

/** Synchronous, so that nothing is kept in memory and nothing is lost at the end. A full disk is waited for: it may be freed again. */
function print(event: FromBridge): void {
  const bytes = Buffer.from(`${JSON.stringify(event)}\n`);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (code !== 'ENOSPC' && code !== 'EAGAIN') throw error;
      Atomics.wait(PAUSE, 0, 0, code === 'ENOSPC' ? 1000 : 10);
    }
  }
}

function act({ say, send }: Spoken): void {
  for (const message of send) child.stdin?.write(`${JSON.stringify(message)}\n`);
  for (const event of say) print(event);
  if (conversation.resting && (inputOver || signalled !== null)) leave();
}

/** Ends codex by the end of its input, then by force. */
function leave(): void {
  if (leaving) return;
  leaving = true;
  child.stdin?.end();
  setTimeout(() => signalChild('SIGTERM'), LEAVE_MS).unref();
  setTimeout(() => signalChild('SIGKILL'), 2 * LEAVE_MS).unref();
}

/** Its whole group: the launcher that npm installs may stand before the program itself. */
function signalChild(signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

process.on('SIGINT', () => {
  signalled = 'SIGINT';
  act(conversation.interrupt());
  setTimeout(leave, INTERRUPT_MS).unref();
});
process.on('SIGTERM', () => {
  signalled = 'SIGTERM';
  signalChild('SIGTERM');
  setTimeout(() => signalChild('SIGKILL'), LEAVE_MS).unref();
});

child.on('error', (error: NodeJS.ErrnoException) => {
  const words =
    error.code === 'ENOENT' ? `${program} is not on the PATH; looptop doctor tells how to get it` : error.message;
  print({ type: 'ended', outcome: 'failed', error: words });
  print({ type: 'idle' });
  process.exit(127);
});
// It may die with our words still in the pipe; its end is told by 'close'.
child.stdin?.on('error', () => undefined);
child.on('close', (code, signal) => {
  const died =
    signal === null ? `codex app-server ended with exit code ${code}` : `codex app-server was ended by ${signal}`;
  if (!leaving && signalled === null) {
    print({ type: 'ended', outcome: 'failed', error: `${died}; its stderr says why` });
    print({ type: 'idle' });
  }
  if (signalled === 'SIGTERM') process.exit(143);
  process.exit(leaving ? 0 : code || 1);
});

act(conversation.begin());
if (child.stdout !== null) eachLine(child.stdout, (line) => act(conversation.hear(line)));
eachLine(
  process.stdin,
  (line) => act(conversation.obey(line)),
  () => {
    inputOver = true;
    if (conversation.resting) leave();
  },
);
