/** What a provider's refusal says about the credential. Never its words: some quote a part of the key. */
import { count, object, parseObject, text } from '../../agents/json.ts';
import type { AgentEvent, Limit } from '../../loop/agent-event.ts';

type Limited = Extract<AgentEvent, { type: 'limited' }>;

/** Codes that mean that the plan or the prepaid amount is used up, not that requests came too fast. */
const USED_UP = /usage_limit|insufficient_quota|credit|billing|spending/;

interface Refusal {
  readonly upstream: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** The `limited` event of an answer; null when the refusal concerns only the request. `now` in ms since 1970. */
export function limitedBy({ upstream, status, headers, body }: Refusal, now: number): Limited | null {
  const error = object(parseObject(body)?.error);
  const code = [error.type, error.code, error.status].map(text).filter(Boolean).join(' ').toLowerCase();
  const unified = headers['anthropic-ratelimit-unified-status'] === 'rejected';
  const why = whyOf(status, code, unified);
  if (why === null) return null;
  const resets = count(error.resets_in_seconds) * 1000;
  const inMs = waitOf(headers, unified, now) ?? (resets > 0 ? resets : null);
  // Only what is a code: the first word of small letters.
  const word = /[a-z][a-z_]{2,40}/.exec(code)?.[0];
  return { type: 'limited', why, inMs, detail: `${upstream} answers ${status}${word ? ` (${word})` : ''}` };
}

function whyOf(status: number, code: string, unified: boolean): Limit | null {
  switch (status) {
    case 401:
      return 'login';
    case 402:
      return 'usage';
    case 429:
      return unified || USED_UP.test(code) ? 'usage' : 'rate';
    case 503:
    case 529:
      return 'overloaded';
    default:
      return null;
  }
}

/** What the headers say, ms from now; null when they say nothing. */
function waitOf(headers: Refusal['headers'], unified: boolean, now: number): number | null {
  const header = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? value.trim() : '';
  };
  const reset = Number(header('anthropic-ratelimit-unified-reset'));
  if (unified && reset > 0) return Math.max(0, reset * 1000 - now);
  const ms = header('retry-after-ms');
  if (/^\d+(\.\d+)?$/.test(ms)) return Number(ms);
  const after = header('retry-after');
  if (/^\d+(\.\d+)?$/.test(after)) return Number(after) * 1000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
