/** Which HTTP answers of a provider concern the credential and not the request: everybody who asks with it is refused too. */
import type { AgentEvent, Limit } from '../loop/agent-event.ts';

/** What a status means; null when it is a matter of this one request. */
export function limitOf(status: number): Limit | null {
  switch (status) {
    case 401:
    case 403:
      return 'login';
    case 429:
      return 'rate';
    case 503:
    case 529:
      return 'overloaded';
    default:
      return null;
  }
}

/** The event for an answer with `status`, if it is one; `inMs` until the next try where somebody says so. */
export function limited(status: number, inMs: number | null, detail: string): AgentEvent[] {
  const why = limitOf(status);
  return why === null ? [] : [{ type: 'limited', why, inMs, detail }];
}
