/** Raises the caps of runs in flight: shows what is spent of each, takes `+200k`, `$8`, `1h`, `+2 passes`. */
import type { Command } from '../../loop/command.ts';
import type { RunState } from '../../loop/state.ts';
import { formatDuration, formatTokens, formatUsd, parseDuration, parseTokens, parseUsd } from '../../loop/units.ts';
import { bar, freshOf, usd, wallMs } from '../present/meter.ts';
import { key } from '../present/run-words.ts';
import { EMPTY, type Line, line, padEnd, padStart, span } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, refuse, send, stay } from './answer.ts';
import { type Entry, entry, fieldRows, typed } from './entry.ts';

export interface BudgetDialog {
  readonly kind: 'budget';
  readonly runs: readonly string[];
  readonly entry: Entry;
}

export const openBudget = (runs: readonly RunState[]): BudgetDialog => ({
  kind: 'budget',
  runs: runs.map(({ id }) => id),
  entry: entry(),
});

export type Caps = Omit<Extract<Command, { do: 'budget' }>, 'do' | 'run'>;

/** Reads `+200k $8 1h +2 passes` (any of them, spaces or commas between) into the command's words; a string says what cannot be read. */
export function parseCaps(text: string): Caps | string {
  const words = text
    .replace(/(\d)\s+(pass(?:es)?|tokens?)\b/g, '$1$2')
    .split(/[\s,]+/)
    .filter(Boolean);
  if (words.length === 0) return 'Type a cap: +200k, $8, 1h or +2 passes.';
  const caps: { tokens?: string; usd?: string; wall?: string; passes?: string } = {};
  for (const word of words) {
    const plus = word.startsWith('+') ? '+' : '';
    const amount = word.slice(plus.length);
    const passes = /^(\d+)p(?:ass(?:es)?)?$/.exec(amount)?.[1];
    const tokens = amount.replace(/tokens?$/, '');
    if (amount.includes('$') && parseUsd(amount.replace('+', '')) !== null) {
      caps.usd = (amount.includes('+') ? '+' : plus) + amount.replace(/[$+]/g, '');
    } else if (passes !== undefined) caps.passes = plus + passes;
    // `30m` is minutes and `1.5M` tokens: a small m for a million tokens would be read as time by most.
    else if (parseDuration(amount) !== null) caps.wall = plus + amount;
    else if (parseTokens(tokens) !== null && /[kM]$|^\d{4,}$/.test(tokens)) caps.tokens = plus + tokens;
    else return `"${word}" is no cap: +200k tokens, $8, 1h or +2 passes.`;
  }
  return caps;
}

export function stepBudget(dialog: BudgetDialog, press: Press): Answer<BudgetDialog> {
  if ('key' in press) {
    if (press.key === 'esc') return close;
    if (press.key === 'enter') {
      const caps = parseCaps(dialog.entry.text);
      if (typeof caps === 'string') return refuse(dialog, caps);
      return send(...dialog.runs.map((run) => ({ do: 'budget', run, ...caps }) as const));
    }
  }
  const next = typed(dialog.entry, press);
  return stay(next === null ? dialog : { ...dialog, entry: next });
}

export function drawBudget(dialog: BudgetDialog, runs: readonly RunState[], now: number, room: number): Drawn {
  const [first] = runs;
  const one = runs.length === 1 && first !== undefined;
  return {
    title: one ? `Budget of ${first.id}` : `Budget of ${runs.length} runs`,
    tone: 'picked',
    lines: [
      ...(one ? capRows(first, now, room) : [line('Each of them gets it.')]),
      EMPTY,
      line('Raise by +200k, +$2, +30m, +2 passes; or set 800k, $8, 1h, 12 passes:', 'faint'),
      ...fieldRows(dialog.entry, room, 2, true),
    ],
    keys: [...key('enter', 'raise'), span('  '), ...key('esc', 'no')],
  };
}

/** Each cap with what is spent of it. */
function capRows(run: RunState, now: number, room: number): Line[] {
  const { budget, meter } = run;
  const begun = run.passes.length;
  const rows: [string, number, string, string][] = [
    ['tokens', freshOf(run) / Math.max(1, budget.tokens), formatTokens(freshOf(run)), formatTokens(budget.tokens)],
    ['usd', meter.total.usd / Math.max(0.01, budget.usd), usd(meter.total), formatUsd(budget.usd)],
    [
      'time',
      wallMs(run, now) / Math.max(1, budget.wallMs),
      formatDuration(wallMs(run, now)),
      formatDuration(budget.wallMs),
    ],
    ['passes', begun / Math.max(1, budget.passes), String(begun), String(budget.passes)],
  ];
  const length = Math.max(0, Math.min(20, room - 28));
  return rows.map(([name, share, used, cap]) => [
    span(padEnd(name, 8), 'faint'),
    ...bar(share, length),
    span(` ${padStart(used, 8)} / ${cap}`),
  ]);
}
