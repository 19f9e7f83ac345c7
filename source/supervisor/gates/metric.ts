/** A gate that is a number which a command prints: within fixed bounds, or never worse than what was there before. */
import type { MetricGate } from '../../loop/definition/gates.ts';
import { formatScore } from '../../loop/score.ts';
import type { Commands } from './commands.ts';
import { numberIn } from './number.ts';
import { type GateOutcome, green, printOf, red } from './outcome.ts';
import { failed, tail } from './shell.ts';

/** @param bar what a ratchet may not fall behind; null where nobody knows yet, which holds nothing back */
export async function runMetric(
  gate: MetricGate,
  commands: Commands,
  timeoutMs: number,
  bar: number | null,
): Promise<GateOutcome> {
  const ran = await commands.run(gate.run, timeoutMs, true);
  const stopped = failed(ran, timeoutMs);
  if (stopped !== null) return stopped;
  const score = numberIn(ran.stdout, gate.read);
  const shown = { exit: ran.exit, ms: ran.ms, tail: tail(ran) };
  if (score === null) return red(whereItIsNot(gate), { ...shown, fingerprint: printOf('no number') });
  const measured = { ...shown, score, measures: bar === null ? {} : { bar } };
  const limit = broken(gate, score, bar);
  if (limit === null) return green(measured);
  // The same number again is the same failure; a better one is progress.
  return red(`${formatScore(score)}, ${limit}`, { ...measured, fingerprint: printOf(gate.id, score) });
}

function whereItIsNot({ read }: MetricGate): string {
  switch (read.from) {
    case 'last':
      return 'printed no number on stdout';
    case 'pattern':
      return `stdout has no number at /${read.at}/`;
    case 'json':
      return `stdout has no number at ${read.at} in JSON`;
  }
}

/** The first bound that `score` breaks, in words; null when it breaks none. */
function broken({ min, max, ratchet, tolerance }: MetricGate, score: number, bar: number | null): string | null {
  if (min !== null && score < min) return `at least ${formatScore(min)} is wanted`;
  if (max !== null && score > max) return `at most ${formatScore(max)} is wanted`;
  if (ratchet === null || bar === null) return null;
  const room = Math.abs(bar) * tolerance;
  const worse = ratchet === 'up' ? score < bar - room : score > bar + room;
  const before = `it was ${formatScore(bar)}${tolerance === 0 ? '' : `, and ${formatScore(tolerance * 100)} % are allowed`}`;
  return worse ? `worse than before: ${before}` : null;
}
