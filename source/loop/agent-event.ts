/** What an agent process says and does, in one vocabulary for all engines (design: thought, action, observation = ReAct). */
import type { Tokens } from './tokens.ts';

/** How an agent process says it ended. `done` is a claim about its turn, never about the goal: only gates judge that. */
export type Outcome = 'done' | 'interrupted' | 'max-turns' | 'over-budget' | 'api-error' | 'refused' | 'failed';

/** `rate`: too many requests (429). `overloaded`: the provider is (529, 503). `usage`: the plan's allowance is used up. `login`: expired or refused. */
export type Limit = 'rate' | 'overloaded' | 'usage' | 'login';

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
  /**
   * The agent waits for a person. `id` is what the answer must name; a question without one is answered by a note.
   * `options`: answers that it takes word for word, at most nine.
   */
  | { readonly type: 'asked'; readonly id: string; readonly question: string; readonly options?: readonly string[] }
  /** The agent has its answer and works on. */
  | { readonly type: 'answered'; readonly id: string }
  /** Guidance that the supervisor wrote has reached the agent's conversation. */
  | { readonly type: 'heard'; readonly text: string }
  | { readonly type: 'retrying'; readonly reason: string; readonly inMs: number }
  /** The provider refuses the credential, not this request: every agent on it will be refused too. */
  | {
      readonly type: 'limited';
      readonly why: Limit;
      /** When it says that it will answer again, from now; null when it does not say. */
      readonly inMs: number | null;
      /** The same as a time, ms since 1970, where it names one. */
      readonly until?: number;
      readonly detail: string;
    }
  /** Something was spent that the CLI does not report: the meter is a lower bound from here on. In words, what it was. */
  | { readonly type: 'hidden'; readonly what: string }
  | { readonly type: 'warned'; readonly text: string }
  | { readonly type: 'ended'; readonly outcome: Outcome; readonly error?: string }
  | { readonly type: 'unknown'; readonly raw: string };
