/** Asks the operator before something is lost. The default is No; where nobody can be asked, it refuses instead of guessing. */
import { createInterface } from 'node:readline/promises';
import { Ended, INTERRUPTED } from './ended.ts';

/**
 * True when `yes` or when the operator typed y. The question goes to stderr, so that stdout stays clean.
 * @throws Ended with `exitCode` (default 2) when there is no terminal to ask on; 130 on Ctrl-C.
 */
export async function confirm(question: string, yes: boolean, exitCode = 2): Promise<boolean> {
  if (yes) return true;
  needSomebody(question, exitCode);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const given = new AbortController();
  terminal.once('SIGINT', () => given.abort('Ctrl-C'));
  // Ctrl-D, or the terminal has gone: readline alone would leave the question open for ever.
  terminal.once('close', () => given.abort('closed'));
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: given.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (given.signal.reason === 'Ctrl-C') throw new Ended('', INTERRUPTED);
    if (given.signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}

/** @throws Ended when there is no terminal on stdin and stderr, so that nobody could answer. */
export function needSomebody(question: string, exitCode = 2): void {
  if (process.stdin.isTTY && process.stderr.isTTY) return;
  throw new Ended(`${question} Nobody can be asked here: say --yes`, exitCode);
}
