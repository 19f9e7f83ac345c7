/**
 * What the app-server says its threads have cost, this process's share of it: a spare meter for when the rollouts cannot be read. It
 * comes after the tools of a response, not before, so it is never the first choice.
 */
import type { AgentEvent } from '../../loop/agent-event.ts';
import { minus, NO_TOKENS, type Tokens } from '../../loop/tokens.ts';
import { type Json, text } from '../json.ts';
import { codexTokens } from './tokens.ts';

/** Marks the key of such a bill, so that whoever reads the rollouts can leave it aside. */
export const THREAD_BILL = 'thread:';

export interface ThreadBills {
  model(thread: string, model: string): void;
  /** The first turn of this process has begun: totals before that are earlier processes'. */
  begun(): void;
  update(thread: string, usage: Json): AgentEvent[];
}

export function createThreadBills(): ThreadBills {
  const models = new Map<string, string>();
  const before = new Map<string, Tokens>();
  let working = false;
  let latest = '';

  return {
    model(thread, model) {
      if (model === '') return;
      models.set(thread, model);
      latest = model;
    },
    begun() {
      working = true;
    },
    update(thread, usage) {
      const total = codexTokens(usage.total);
      if (!working) {
        before.set(thread, total);
        return [];
      }
      const tokens = minus(total, before.get(thread) ?? NO_TOKENS);
      const model = models.get(thread) ?? latest;
      return [{ type: 'usage', key: `${THREAD_BILL}${text(thread)}`, model, tokens, final: false }];
    },
  };
}
