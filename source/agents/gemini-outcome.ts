/** How a gemini process ended. It takes both, the `result` line and the exit code: the line has no status, the code no words. */
import type { AgentEvent, Limit, Outcome } from '../loop/agent-event.ts';
import { clip } from './digest.ts';

export interface GeminiResult {
  readonly ok: boolean;
  /** The class of the error, `unknown` or empty. */
  readonly type: string;
  readonly message: string;
}

/** The CLI's own exit codes (its ExitCodes and classes of FatalError). */
const AUTHENTICATION = 41;
const TURNS = 53;
const OWN: Readonly<Record<number, string>> = {
  [AUTHENTICATION]: 'it has no valid login',
  42: 'it got no prompt, or there is no such session',
  44: 'its sandbox could not be started',
  52: 'its settings are not valid',
  [TURNS]: 'it has used up its turns',
  54: 'a tool failed in a way that it cannot go on from',
  55: 'it does not trust the folder',
};

/**
 * An HTTP error becomes its exit code, of which the system keeps the last eight bits. Only these are errors for which nothing is billed;
 * 1 is a stream that broke.
 */
const HTTP: Readonly<Record<number, number>> = Object.fromEntries(
  [400, 401, 403, 404, 413, 429, 500, 502, 503, 504, 529].map((status) => [status % 256, status]),
);
const LIMITS: Readonly<Record<number, Limit>> = {
  401: 'login',
  403: 'login',
  429: 'rate',
  503: 'overloaded',
  529: 'overloaded',
};

/** Words of a warning before a `result` that claims success though the client itself broke off. */
const TURNS_WARNING = 'Maximum session turns exceeded';
const LOOP_WARNING = /^Loop detected/;
const BLOCKED = /^The model response was blocked/;

/** The last events. `code` is what a shell would report: 128 + signal; null when lost. */
export function endedByGemini(
  code: number | null,
  result: GeminiResult | null,
  warnings: readonly string[],
  spoke: boolean,
): AgentEvent[] {
  if (result === null) return [...unbilled(spoke), ...withoutResult(code, spoke)];
  const broke = warnings.find((words) => words === TURNS_WARNING || LOOP_WARNING.test(words) || BLOCKED.test(words));
  if (result.ok && broke === undefined && (code === 0 || code === null || isSignal(code)))
    return [{ type: 'ended', outcome: 'done' }];
  const error = result.message || broke || warnings.at(-1) || codeWords(code);
  const status = code === null ? undefined : HTTP[code];
  // A response that breaks, or is broken off because it goes round in circles, is not in the bill, though it may be charged for.
  const broken = (code === 1 && !result.ok) || (broke !== undefined && LOOP_WARNING.test(broke));
  const cut: AgentEvent[] = broken ? [{ type: 'hidden', what: 'a response that was cut' }] : [];
  return [
    ...cut,
    ...limited(code, status, error),
    { type: 'ended', outcome: outcomeOf(code, broke), error: clip(error) },
  ];
}

function outcomeOf(code: number | null, broke: string | undefined): Outcome {
  if (code === TURNS || broke === TURNS_WARNING) return 'max-turns';
  if (code === 130) return 'interrupted';
  if (code !== null && (code === AUTHENTICATION || HTTP[code] !== undefined)) return 'api-error';
  return broke !== undefined && BLOCKED.test(broke) ? 'refused' : 'failed';
}

/** It dies without a bill: whatever it has spent by then only the provider knows. One that never spoke has asked for nothing. */
const unbilled = (spoke: boolean): AgentEvent[] =>
  spoke ? [{ type: 'hidden', what: 'the requests of a run that was killed' }] : [];

/** SIGINT and SIGTERM make it leave with 0 and no result. */
function withoutResult(code: number | null, spoke: boolean): AgentEvent[] {
  if (code === 0 || code === 130 || code === 143) return [{ type: 'ended', outcome: 'interrupted' }];
  const when = spoke ? 'in the middle of a turn' : 'before its first line; its stderr says why';
  const error = `ended ${when} (${codeWords(code)})`;
  return [...limited(code, undefined, error), { type: 'ended', outcome: outcomeOf(code, undefined), error }];
}

function limited(code: number | null, status: number | undefined, detail: string): AgentEvent[] {
  const why = code === AUTHENTICATION ? 'login' : status === undefined ? undefined : LIMITS[status];
  if (why === undefined) return [];
  // A daily allowance that is used up comes as the same 429.
  const used = why === 'rate' && /daily quota|exhausted your/i.test(detail);
  const seconds = /retry in ([\d.]+)s/.exec(detail)?.[1];
  const inMs = seconds === undefined || !(Number(seconds) >= 0) ? null : Math.round(Number(seconds) * 1000);
  return [{ type: 'limited', why: used ? 'usage' : why, inMs, detail: clip(detail) }];
}

function codeWords(code: number | null): string {
  if (code === null) return 'its exit code is not known';
  const own = OWN[code];
  return own === undefined ? `exit code ${code}` : `exit code ${code}: ${own}`;
}

/** 128 + 1 to 15; an HTTP error begins at 144. */
const isSignal = (code: number | null): boolean => code === null || (code > 128 && code < 144);
