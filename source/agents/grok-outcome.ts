/** How a grok process ended: its `result` line has claude's form, but other reasons. */
import type { AgentEvent, Outcome } from '../loop/agent-event.ts';
import { clip } from './digest.ts';
import { type Json, list, text } from './json.ts';
import { limitedBy, statusIn } from './refusal.ts';

/** `denied` is the tool result that says that grok wanted to ask and could not. */
export function grokEnd(result: Json, denied: boolean): AgentEvent[] {
  const errors = list(result.errors).map(text).filter(Boolean).join('\n');
  const outcome = outcomeOf(result, errors);
  if (outcome === 'done') return [{ type: 'ended', outcome }];
  const words = denied
    ? 'grok wanted to use a tool that it may not use unasked, and nobody can be asked in headless mode: set permission: bypassPermissions, or allow the tool'
    : errors || text(result.stop_reason) || text(result.subtype);
  return [...(denied ? [] : limitedBy(errors)), { type: 'ended', outcome, error: clip(words) }];
}

function outcomeOf(result: Json, errors: string): Outcome {
  if (text(result.subtype) === 'error_max_turns') return 'max-turns';
  if (text(result.stop_reason) === 'refusal') return 'refused';
  if (text(result.subtype) === 'success' && result.is_error !== true) return 'done';
  const fromProvider = statusIn(errors) !== null || limitedBy(errors).length > 0 || /reqwest|API error/.test(errors);
  return fromProvider ? 'api-error' : 'failed';
}
