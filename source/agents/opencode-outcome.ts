/** How an `opencode run` ended: by its exit code, the reason of its last response and the error it told, for each alone says too little. */
import type { AgentEvent, Limit, Outcome } from '../loop/agent-event.ts';
import { clip } from './digest.ts';
import { type Json, text } from './json.ts';

export interface OpencodeError {
  readonly name: string;
  readonly message: string;
  /** HTTP status; 0 when it was no answer of the provider's. */
  readonly status: number;
  readonly headers: Json;
}

export interface OpencodeEnd {
  /** What a shell would report: 128 + signal; null when lost. */
  readonly code: number | null;
  /** Why the last response ended; empty when none did. */
  readonly reason: string;
  /** The call that was refused just before the end; empty when none was. */
  readonly refusal: string;
  readonly error: OpencodeError | null;
  readonly spoke: boolean;
}

const LIMITS: Readonly<Record<number, Limit>> = {
  401: 'login',
  402: 'usage',
  403: 'login',
  429: 'rate',
  503: 'overloaded',
  529: 'overloaded',
};

/** The last events. */
export function endedByOpencode(end: OpencodeEnd): AgentEvent[] {
  const { code, error } = end;
  if (error !== null) {
    return [...limited(error), { type: 'ended', outcome: outcomeOf(error), error: clip(error.message) }];
  }
  const stopped = end.reason === 'stop';
  // Killed by the patience of the supervisor it has still said its last word.
  if (stopped && (code === 0 || code === null || code > 128)) return [{ type: 'ended', outcome: 'done' }];
  if (code === 130 || code === 143) return [{ type: 'ended', outcome: 'interrupted' }];
  const outcome: Outcome = end.reason === 'content-filter' ? 'refused' : 'failed';
  return [{ type: 'ended', outcome, error: clip(why(end)) }];
}

function why({ code, reason, refusal, spoke }: OpencodeEnd): string {
  const how = code === null ? 'its exit code is not known' : `exit code ${code}`;
  if (!spoke) return `ended before its first line; its stderr says why (${how})`;
  if (code === 0 && refusal !== '') return `it ended because it was refused a permission: ${refusal}`;
  if (reason === 'length') return 'its last answer was cut at the output limit of the model';
  return `ended in the middle of a turn (${how})`;
}

function outcomeOf({ name, status }: OpencodeError): Outcome {
  if (name === 'MessageAbortedError') return 'interrupted';
  if (name === 'ContentFilterError') return 'refused';
  return status > 0 || name === 'ProviderAuthError' || name === 'ContextOverflowError' ? 'api-error' : 'failed';
}

function limited(error: OpencodeError): AgentEvent[] {
  const why = error.name === 'ProviderAuthError' ? 'login' : LIMITS[error.status];
  if (why === undefined) return [];
  // opencode's own plans answer 429 with the name of the allowance that is used up.
  const used = why === 'rate' && /usage limit|quota/i.test(error.message);
  return [{ type: 'limited', why: used ? 'usage' : why, inMs: waitMs(error.headers), detail: clip(error.message) }];
}

/** Milliseconds of a `retry-after`; null when there is none, or it is a date, which cannot be read without a clock. */
function waitMs(headers: Json): number | null {
  const [ms, seconds] = [headers['retry-after-ms'], headers['retry-after']].map((value) => text(value).trim());
  if (ms && Number(ms) >= 0) return Number(ms);
  return seconds && Number(seconds) >= 0 ? Number(seconds) * 1000 : null;
}
