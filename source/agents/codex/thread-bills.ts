/**
 * What the app-server says its threads have cost, this process's share of it: a spare meter for when the rollouts cannot be read. It
 * comes after the tools of a response, not before, so it is never the first choice.
 */
import type { AgentEvent } from '../../loop/agent-event.ts';
import { minus, NO_TOKENS, type Tokens } from '../../loop/tokens.ts';
import type { Json } from '../json.ts';
import { codexTokens } from './tokens.ts';

type Usage = Extract<AgentEvent, { type: 'usage' }>;

/** Marks the key of such a bill, so that whoever reads the rollouts can leave it aside. */
export const THREAD_BILL = 'thread:';

export interface ThreadBills {
  model(thread: string, model: string): void;
  /** A turn has begun. Totals from before the first are earlier processes'. */
  begun(thread: string): void;
  /** A turn is over: its bill is complete unless it was interrupted, maybe in the middle of a response. */
  ended(thread: string, complete: boolean): AgentEvent[];
  update(thread: string, usage: Json): AgentEvent[];
}

export function createThreadBills(): ThreadBills {
  const models = new Map<string, string>();
  const before = new Map<string, Tokens>();
  const newest = new Map<string, Usage>();
  let working = false;
  let latest = '';

  return {
    model(thread, model) {
      if (model === '') return;
      models.set(thread, model);
      latest = model;
    },
    begun(thread) {
      working = true;
      const bill = newest.get(thread);
      if (bill !== undefined) newest.set(thread, { ...bill, final: false });
    },
    ended(thread, complete) {
      const bill = newest.get(thread);
      if (bill === undefined || !complete) return [];
      newest.set(thread, { ...bill, final: true });
      return [{ ...bill, final: true }];
    },
    update(thread, usage) {
      const total = codexTokens(usage.total);
      if (!working) {
        before.set(thread, total);
        return [];
      }
      const tokens = minus(total, before.get(thread) ?? NO_TOKENS);
      const model = models.get(thread) ?? latest;
      const bill: Usage = { type: 'usage', key: `${THREAD_BILL}${thread}`, model, tokens, final: false };
      newest.set(thread, bill);
      return [bill];
    },
  };
}
