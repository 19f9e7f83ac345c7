/** Tells from the words of an error whether a provider refuses the credential and not this request; for engines that pass errors on as text. */
import type { AgentEvent, Limit } from '../loop/agent-event.ts';
import { clip } from './digest.ts';

/** An HTTP status as programs write it: `status 429`, `"http_status": 529`, `(401)`, `HTTP 503`, `code: 429`. */
const STATUS = /(?:status(?:_?code)?|http(?:_status)?|code)"?[ :=]{1,3}(\d{3})\b|\((\d{3})\b[^)]{0,40}\)/i;

const WORDS: readonly (readonly [RegExp, Limit])[] = [
  [
    /usage limit|out of credits|insufficient (?:credits?|funds|balance|quota)|spending limit|quota exceeded|exceeded your/i,
    'usage',
  ],
  [/rate.?limit|too many requests|resource.?exhausted/i, 'rate'],
  [/overloaded|service unavailable/i, 'overloaded'],
  [
    /unauthori[sz]ed|not logged in|log ?in again|re-?authenticate|authentication (?:required|failed)|invalid (?:x-)?api.?key|token expired/i,
    'login',
  ],
];

const STATUSES: Readonly<Record<number, Limit>> = {
  401: 'login',
  402: 'usage',
  429: 'rate',
  503: 'overloaded',
  529: 'overloaded',
};

/** The HTTP status in an error's words; null when there is none. */
export function statusIn(words: string): number | null {
  const found = STATUS.exec(words);
  const status = Number(found?.[1] ?? found?.[2] ?? Number.NaN);
  return status >= 400 && status < 600 ? status : null;
}

/** What the words of an error mean for every other agent on the same credential; nothing for an error of the request's own. */
export function limitedBy(words: string): Extract<AgentEvent, { type: 'limited' }>[] {
  const status = statusIn(words);
  // Words first: a plan that is used up comes as 429 or 403, too.
  const why = WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? (status === null ? undefined : STATUSES[status]);
  return why === undefined ? [] : [{ type: 'limited', why, inMs: waitIn(words), detail: clip(words) }];
}

/** "retry after 12 s", "try again in 5 minutes" in ms; null when nothing is said. */
function waitIn(words: string): number | null {
  const found =
    /(?:retry|try again|reset\w*)[^\d\n]{0,20}(\d+(?:\.\d+)?) ?(ms|milliseconds?|s|sec\w*|m|min\w*|h|hours?)\b/i.exec(
      words,
    );
  if (found === null) return null;
  const unit = (found[2] ?? 's').toLowerCase();
  const factor = /^(?:ms|milli)/.test(unit)
    ? 1
    : unit.startsWith('h')
      ? 3_600_000
      : unit.startsWith('m')
        ? 60_000
        : 1000;
  return Math.round(Number(found[1]) * factor);
}
