/** A gate that is a command: green when it ends as expected and shows what is expected. */
import type { Expectation, ShellGate } from '../../loop/definition/gates.ts';
import { fingerprint } from '../../loop/fingerprint.ts';
import { holds } from '../../loop/output-pattern.ts';
import { formatDuration } from '../../loop/units.ts';
import type { Commands, Ran } from './commands.ts';
import { type GateOutcome, green, printOf, red } from './outcome.ts';
import { tailOf } from './output.ts';

const EXITS_0: Expectation = { exit: 0, stdout: null, stderr: null };

export async function runCommand(gate: ShellGate, commands: Commands, timeoutMs: number): Promise<GateOutcome> {
  const ran = await commands.run(gate.run, timeoutMs, gate.expect !== null);
  return failed(ran, timeoutMs, gate.expect ?? EXITS_0) ?? green({ exit: ran.exit, ms: ran.ms, tail: tail(ran) });
}

/** The outcome of a command that did not do what is expected of it; null when it did. */
export function failed(ran: Ran, timeoutMs: number, expect: Expectation = EXITS_0): GateOutcome | null {
  const { exit, ms, timedOut } = ran;
  const shown = { exit, ms, tail: tail(ran) };
  if (timedOut)
    return { ...red(`no end after ${formatDuration(timeoutMs)}`, { ...shown, exit: null }), status: 'timeout' };
  if (exit !== expect.exit) {
    if (expect.exit === 0) {
      const print = fingerprint({ exit, output: `${ran.stdout}${ran.stderr}` });
      return red(print.summary, { ...shown, fingerprint: print.fingerprint });
    }
    const how = exit === null ? 'ended by a signal' : `exit code ${exit}`;
    return red(`${how}, expected ${expect.exit}`, { ...shown, fingerprint: printOf('exit', exit) });
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const wanted = expect[stream];
    if (wanted === null || holds(wanted, ran[stream])) continue;
    const words = wanted === '' ? `${stream} is not empty` : `${stream} does not show ${wanted}`;
    return red(words, { ...shown, fingerprint: printOf(stream, wanted) });
  }
  return null;
}

/** The end of what it printed, for people and for the next prompt. */
export const tail = ({ stdout, stderr }: Ran): string =>
  tailOf([stdout, stderr].filter((text) => text.trim() !== '').join(stdout.endsWith('\n') ? '' : '\n'));
