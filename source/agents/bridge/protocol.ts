/**
 * What a bridge is: a small program of ours that speaks a two-way protocol (ACP, codex app-server) with an agent it has started,
 * and with us only in lines: agent events on stdout, words for the agent on stdin. It lives in the run's process tree, so
 * the conversation outlives the supervisor, and adopting it is reading its output on.
 */
import type { AgentEvent } from '../../loop/agent-event.ts';

/** A line of a bridge's stdin. The end of the input ends the agent once its turn is over. */
export type ToBridge =
  /** The prompt; the first line, once. */
  | { readonly type: 'prompt'; readonly text: string }
  /** A note into the running turn, or the answer to the question `ask`. */
  | { readonly type: 'tell'; readonly text: string; readonly ask: string | null }
  /** End the turn politely. */
  | { readonly type: 'interrupt' };

/** A line of a bridge's stdout: an agent event as it is, or `idle` when a turn is over and none is under way. */
export type FromBridge = AgentEvent | { readonly type: 'idle' };

export const toBridge = (line: ToBridge): string => `${JSON.stringify(line)}\n`;
