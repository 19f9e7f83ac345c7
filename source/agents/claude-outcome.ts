/** How a claude process ended: the combinations of its `result` line, and the exit codes of one that wrote none. */
import type { AgentEvent, Outcome } from '../loop/agent-event.ts';
import { clip } from './digest.ts';
import { type Json, list, text } from './json.ts';

type Ended = Extract<AgentEvent, { type: 'ended' }>;

/** Reads a `result` line. Its subtype says "success" on API errors too, so `terminal_reason` is asked first. */
export function endedByResult(result: Json): Ended {
  const outcome = outcomeOf(result);
  if (outcome === 'done' || outcome === 'interrupted') return { type: 'ended', outcome };
  const errors = list(result.errors).map(text).filter(Boolean).join('\n');
  const error = errors || text(result.result) || text(result.terminal_reason) || text(result.subtype);
  return { type: 'ended', outcome, error: clip(error) };
}

function outcomeOf(result: Json): Outcome {
  switch (text(result.terminal_reason)) {
    case 'aborted_streaming':
    case 'aborted_tools':
      return 'interrupted';
    case 'api_error':
    case 'prompt_too_long':
      return 'api-error';
    case 'max_turns':
      return 'max-turns';
    case 'budget_exhausted':
      return 'over-budget';
  }
  switch (text(result.subtype)) {
    case 'error_max_turns':
      return 'max-turns';
    case 'error_max_budget_usd':
      return 'over-budget';
  }
  if (text(result.stop_reason) === 'refusal') return 'refused';
  return result.is_error === true || text(result.subtype) !== 'success' ? 'failed' : 'done';
}

/** The end of a process whose turn had no `result`. `code` is what a shell would report: 128 + signal, null when lost. */
export function endedWithoutResult(code: number | null, spoke: boolean): Ended {
  if (code === 143 || code === 130) return { type: 'ended', outcome: 'interrupted' };
  const how = code === null ? 'its exit code is not known' : `exit code ${code}`;
  const when = spoke ? 'in the middle of a turn' : 'before its first line; its stderr says why';
  return { type: 'ended', outcome: 'failed', error: `ended ${when} (${how})` };
}
