/** The small files that the shim keeps in an agent's folder, read with suspicion: any of them may be missing or half there. */
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Containment, ProcessIdentity } from '../../loop/state.ts';
import { identify } from './identity.ts';

/** How a process ended. Both null: nobody knows. */
export interface Exit {
  /** The exit code; 128 + n after signal n, as a shell counts. */
  readonly code: number | null;
  /** The signal that ended it, such as `SIGTERM`. */
  readonly signal: string | null;
}

/** Who the agent is and how it is held; null before it runs. */
export function readAgent(dir: string): { process: ProcessIdentity; containment: Containment } | null {
  const words = readWords(join(dir, 'pid'));
  const process = identityFrom(words);
  return process === null ? null : { process, containment: words[3] === 'cgroup' ? 'cgroup' : 'marked' };
}

/** Who its shim is; null before it says so. */
export const readShim = (dir: string): ProcessIdentity | null => identityFrom(readWords(join(dir, 'claim', 'shim')));

/** Whether a shim has taken this folder: from then on nobody else may start its agent. */
export const isClaimed = (dir: string): boolean => existsSync(join(dir, 'claim'));

/** How the agent ended; null while it has not, or when its shim died before it could say. */
export function readExit(dir: string): Exit | null {
  const [code, how] = readWords(join(dir, 'exit'));
  if (code === undefined || !/^\d+$/.test(code)) return null;
  return { code: Number(code), signal: how === 'signalled' ? signalName(Number(code) - 128) : null };
}

/** `15` → `SIGTERM`; a number without a name (real-time signals) stays a number: `SIG34`. */
function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `SIG${number}`;
}

function identityFrom(words: readonly string[]): ProcessIdentity | null {
  const [pid, startTime, bootId] = words;
  if (pid === undefined || startTime === undefined || bootId === undefined || !/^[1-9]\d*$/.test(pid)) return null;
  // Without /proc the shell does not know its start time: whoever has the pid now is taken for it, once.
  return startTime === '-' ? identify(Number(pid)) : { pid: Number(pid), startTime, bootId };
}

/** The words of a file's first line; none when it is missing or its line feed is not yet there. */
function readWords(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const end = text.indexOf('\n');
  return end < 0 ? [] : text.slice(0, end).split(' ');
}
