/** New caps from what an operator writes: `+200k` adds, `600k` sets, nothing keeps. The same for a run and for a fan. */
import type { Raise, Refusal } from './command.ts';
import type { Budget } from './definition/definition.ts';
import { formatDuration, formatTokens, formatUsd, parseDuration, parseTokens, parseUsd } from './units.ts';

export function newBudget(budget: Budget, raise: Raise): { readonly budget: Budget; readonly words: string } | Refusal {
  const tokens = amount(raise.tokens, budget.tokens, parseTokens);
  const usd = amount(raise.usd, budget.usd, parseUsd);
  const wallMs = amount(raise.wall, budget.wallMs, parseDuration);
  const passes = amount(raise.passes, budget.passes, (text) => (/^\d+$/.test(text) ? Number(text) : null));
  if (tokens === null) return refuse(`--tokens ${raise.tokens} is no amount: write +200k or 600k.`);
  if (usd === null) return refuse(`--usd ${raise.usd} is no amount: write +2 or 8.`);
  if (wallMs === null) return refuse(`--wall ${raise.wall} is no duration: write +30m or 2h.`);
  if (passes === null) return refuse(`--passes ${raise.passes} is no number: write +2 or 10.`);
  const next = { tokens, usd, wallMs, passes };
  const same = tokens === budget.tokens && usd === budget.usd && wallMs === budget.wallMs && passes === budget.passes;
  if (same) return refuse('Name a cap to change: --tokens, --usd, --wall or --passes.');
  const words = `${formatTokens(tokens)} tokens, ${formatUsd(usd)}, ${formatDuration(wallMs)}, ${passes} passes`;
  return { budget: next, words };
}

/** Null when it cannot be read or is not above zero. */
function amount(text: string | undefined, present: number, parse: (text: string) => number | null): number | null {
  if (text === undefined) return present;
  const adds = text.trim().startsWith('+');
  const value = parse(adds ? text.trim().slice(1) : text);
  if (value === null || value <= 0) return null;
  return adds ? present + value : value;
}

const refuse = (refused: string): Refusal => ({ refused, code: 2 });
