/** What an agent process says and does, in one vocabulary for all engines (design: thought, action, observation = ReAct). */
import type { Tokens } from './tokens.ts';

/** How an agent process says it ended. `done` is a claim about its turn, never about the goal: only gates judge that. */
export type Outcome = 'done' | 'interrupted' | 'max-turns' | 'over-budget' | 'api-error' | 'refused' | 'failed';

export type AgentEvent =
  | { readonly type: 'started'; readonly session: string; readonly model: string }
  | { readonly type: 'thought'; readonly text: string }
  | { readonly type: 'said'; readonly text: string }
  | {
      readonly type: 'acted';
      readonly id: string;
      readonly tool: string;
      readonly input: string;
      readonly hash: string;
    }
  | {
      readonly type: 'observed';
      readonly id: string;
      readonly ok: boolean;
      readonly output: string;
      readonly hash: string;
    }
  /** Running total of one response (`key`), not a difference: the same key again replaces by the larger of each bucket. */
  | {
      readonly type: 'usage';
      readonly key: string;
      readonly model: string;
      readonly tokens: Tokens;
      /** Priced by the meter; null when no price is known for the model. Absent until the meter has seen it. */
      readonly usd?: number | null;
      readonly final: boolean;
      readonly estimated?: boolean;
    }
  /** The agent waits for a person. `id` is what the answer must name; a question without one is answered by a note. */
  | { readonly type: 'asked'; readonly id: string; readonly question: string }
  /** The agent has its answer and works on. */
  | { readonly type: 'answered'; readonly id: string }
  /** Guidance that the supervisor wrote has reached the agent's conversation. */
  | { readonly type: 'heard'; readonly text: string }
  | { readonly type: 'retrying'; readonly reason: string; readonly inMs: number }
  | { readonly type: 'warned'; readonly text: string }
  | { readonly type: 'ended'; readonly outcome: Outcome; readonly error?: string }
  | { readonly type: 'unknown'; readonly raw: string };
