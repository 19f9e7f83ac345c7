/** A run in the words and figures of `ls` and `show`: one place for glyphs, shares and "of", so that the two agree. */
import { attention } from '../loop/attention.ts';
import { wallMs } from '../loop/budget.ts';
import { reasonOf } from '../loop/run-status.ts';
import type { GateResult, RunState } from '../loop/state.ts';
import { SIGNS, type Standing, statusWord } from '../loop/status-word.ts';
import { sanitize } from '../loop/text.ts';
import { fresh } from '../loop/tokens.ts';
import { formatDuration, formatTokens, formatUsd } from '../loop/units.ts';
import { isUtf8 } from './doctor/terminal.ts';

export const glyph = (standing: Standing): string => SIGNS[standing][isUtf8(process.env) ? 'glyph' : 'ascii'];

/** `● making`. */
export function stateCell(run: RunState): string {
  const { standing, word } = statusWord(run);
  const rings = attention(run)?.level === 'act';
  return `${glyph(rings ? 'need' : standing)} ${word}`;
}

/** `212k/600k`. */
export const tokensCell = (run: RunState): string =>
  `${formatTokens(fresh(run.meter.total.tokens))}/${formatTokens(run.budget.tokens)}`;

/** `$1.84/$6.00`; `unpriced` instead of a number that would be too low. */
export function usdCell({ meter, budget }: RunState): string {
  return `${meter.total.unpriced ? 'unpriced' : formatUsd(meter.total.usd)}/${formatUsd(budget.usd)}`;
}

/** Wall clock at `now` (ms since 1970). */
export const timeCell = (run: RunState, now: number): string => formatDuration(wallMs(run, now));

/** `types ✓ unit ✗`. */
export const gatesCell = (gates: readonly GateResult[]): string =>
  gates.map((gate) => `${sanitize(gate.id)} ${gateGlyph(gate)}`).join(' ');

export function gateGlyph({ status }: GateResult): string {
  switch (status) {
    case 'green':
      return glyph('green');
    case 'red':
    case 'timeout':
    case 'error':
      return glyph('bad');
    case 'running':
      return glyph('check');
    case 'pending':
      return isUtf8(process.env) ? '·' : '.';
  }
}

/** What it needs, why it is held, or the newest line of its trace. One sanitised line. */
export function nowCell(run: RunState): string {
  const words = attention(run)?.words || reasonOf(run) || run.trace.at(-1)?.text || '';
  return sanitize(words);
}
