/** What an error of codex's means: a limit of the provider's, and how the turn ended. Exec has only words, the app-server a code as well. */
import type { AgentEvent, Limit, Outcome } from '../../loop/agent-event.ts';
import { clip } from '../digest.ts';
import { count, object, text } from '../json.ts';

/** Codes of the app-server (`codexErrorInfo`) that are a word. */
const LIMITS: Readonly<Record<string, Limit>> = {
  usageLimitExceeded: 'usage',
  rateLimitExceeded: 'rate',
  serverOverloaded: 'overloaded',
  policyCapacityUnavailable: 'overloaded',
  unauthorized: 'login',
};

const STATUSES: Readonly<Record<number, Limit>> = { 401: 'login', 429: 'rate', 503: 'overloaded', 529: 'overloaded' };

const USAGE = /usage limit|insufficient_quota|exceeded your current quota|out of credits/i;
const LOGIN = /missing environment variable|not logged in|log ?in again|sign in again|token could not be refreshed/i;

/** Why the provider refuses everybody with this credential; null when the error is this request's alone. */
export function limitOf(words: string, info: unknown): Limit | null {
  const coded = LIMITS[text(info)];
  if (coded !== undefined) return coded;
  if (USAGE.test(words)) return 'usage';
  if (LOGIN.test(words)) return 'login';
  return STATUSES[statusOf(words, info)] ?? null;
}

/** The event of a limit, `inMs` from now until it is over where somebody says so. */
export function limited(words: string, info: unknown, inMs: number | null): AgentEvent[] {
  const why = limitOf(words, info);
  return why === null ? [] : [{ type: 'limited', why, inMs: inMs ?? waitIn(words), detail: clip(words) }];
}

/** How a turn that failed with this error ended. */
export function failureOf(words: string, info: unknown): Outcome {
  if (REFUSED.has(text(info))) return 'refused';
  if (info === 'sessionBudgetExceeded') return 'over-budget';
  // Its own cap on the length of an answer, which a second try would meet again.
  return /max_output_tokens/.test(words) ? 'failed' : 'api-error';
}

const REFUSED = new Set(['cyberPolicy', 'misalignmentPolicyViolation', 'tooManyDenials', 'inferenceHookDenied']);

/** `{responseTooManyFailedAttempts: {httpStatusCode: 429}}`, or "… last status: 429 Too Many Requests". */
function statusOf(words: string, info: unknown): number {
  for (const variant of Object.values(object(info))) {
    const status = count(object(variant).httpStatusCode);
    if (status > 0) return status;
  }
  return Number(/\bstatus:? (\d{3})\b/.exec(words)?.[1] ?? 0);
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };

/** "try again in 3 hours 5 minutes", "in 11.054s": in milliseconds; null when it says nothing of the kind. */
function waitIn(words: string): number | null {
  const tail = /\btry again in ((?:[\d.]+ ?[a-z]+(?:, | and | )?)+)/i.exec(words)?.[1];
  if (tail === undefined) return null;
  let total = 0;
  for (const [, amount = '', unit = ''] of tail.matchAll(/([\d.]+) ?([a-z]+)/gi)) {
    if (unit.toLowerCase() === 'ms') total += Number(amount);
    else total += Number(amount) * (UNITS[unit[0]?.toLowerCase() ?? ''] ?? 0);
  }
  return total > 0 && Number.isFinite(total) ? Math.round(total) : null;
}
