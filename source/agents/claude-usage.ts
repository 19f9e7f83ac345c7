/**
 * What a claude process has spent, keyed so that nothing counts twice. The stream tells the same response up to five
 * times and leaves some out; each `result` then bills everything since the last one, per model.
 */
import type { AgentEvent } from '../loop/agent-event.ts';
import { add, isZero, max, minus, NO_TOKENS, type Tokens } from '../loop/tokens.ts';
import { count, type Json, object } from './json.ts';

interface Entry {
  readonly model: string;
  readonly tokens: Tokens;
  readonly final: boolean;
}

export interface UsageBook {
  /** Response `id` is streamed: its end will be reported. One that is not was cut, and its bill is an estimate, never final. */
  begin(id: string): void;
  /** A report on response `id`: buckets only rise. `final` when the response is complete. */
  report(id: string, model: string, usage: Json, final: boolean): AgentEvent[];
  /** A `result` line: `bill` is its model_usage_since_last_result. What was not seen live becomes keys of its own. */
  settle(bill: Json): AgentEvent[];
  /** The transcript's report on response `id`. What a bill has covered stays as billed, also where it never showed live. */
  reconcile(id: string, model: string, usage: Json, final: boolean): AgentEvent[];
}

export function createUsageBook(): UsageBook {
  const entries = new Map<string, Entry>();
  /** Reported live and not yet covered by a bill, per model: what a bill must not be charged for again. */
  const uncovered = new Map<string, Tokens>();
  const streamed = new Set<string>();
  const settled = new Set<string>();
  let results = 0;

  const put = (key: string, entry: Entry): AgentEvent => {
    entries.set(key, entry);
    return { type: 'usage', key, ...entry };
  };

  function report(id: string, model: string, usage: Json, final: boolean): AgentEvent[] {
    const before = entries.get(id);
    const tokens = max(before?.tokens ?? NO_TOKENS, tokensOf(usage));
    const gain = minus(tokens, before?.tokens ?? NO_TOKENS);
    const done = final || before?.final === true;
    if (isZero(gain) && done === (before?.final ?? false)) return [];
    const known = before?.model ?? model;
    const name = canonical(known);
    uncovered.set(name, add(uncovered.get(name) ?? NO_TOKENS, gain));
    return [put(id, { model: known, tokens, final: done })];
  }

  return {
    begin: (id) => void streamed.add(id),
    report,

    reconcile(id, model, usage, final) {
      // An id that is new after a bill may be a response that this bill has covered unseen.
      if (settled.has(id) || (results > 0 && !entries.has(id))) return [];
      return report(id, model, usage, final);
    },

    settle(bill) {
      const events: AgentEvent[] = [];
      const rests = new Map<string, Tokens>();
      for (const [model, figures] of Object.entries(bill)) {
        const billed = billedTokens(object(figures));
        const seen = uncovered.get(canonical(model)) ?? NO_TOKENS;
        rests.set(model, minus(billed, seen));
        uncovered.set(canonical(model), minus(seen, billed));
      }
      // A model that the bill knows under another name than the responses did must not be charged under both.
      const billedNames = new Set(Object.keys(bill).map(canonical));
      for (const [name, credit] of uncovered) {
        if (billedNames.has(name)) continue;
        let left = credit;
        for (const [model, rest] of rests) {
          rests.set(model, minus(rest, left));
          left = minus(left, rest);
        }
        uncovered.set(name, left);
      }
      for (const [key, entry] of entries) {
        if (!entry.final && !streamed.has(key)) events.push(put(key, { ...entry, final: true }));
      }
      for (const [model, tokens] of rests) {
        if (!isZero(tokens)) events.push(put(`result-${results}:${model}`, { model, tokens, final: true }));
      }
      for (const id of entries.keys()) settled.add(id);
      results++;
      return events;
    },
  };
}

/** `claude-sonnet-4-5-20250929` and `claude-sonnet-4-5[1m]` are claude-sonnet-4-5. */
const canonical = (model: string) => model.replace(/\[[^\]]*\]$/, '').replace(/-\d{8}$/, '');

function tokensOf(usage: Json): Tokens {
  const cacheWrite = count(usage.cache_creation_input_tokens);
  const hour = Math.min(cacheWrite, count(object(usage.cache_creation).ephemeral_1h_input_tokens));
  return {
    input: count(usage.input_tokens),
    cacheRead: count(usage.cache_read_input_tokens),
    cacheWrite,
    ...(hour > 0 ? { cacheWrite1h: hour } : {}),
    output: count(usage.output_tokens),
    reasoning: count(object(usage.output_tokens_details).thinking_tokens),
  };
}

/** A bill does not tell the caches apart: what only it knows of (sub-agents) is priced as written to the five-minute one. */
const billedTokens = (figures: Json): Tokens => ({
  input: count(figures.inputTokens),
  cacheRead: count(figures.cacheReadInputTokens),
  cacheWrite: count(figures.cacheCreationInputTokens),
  output: count(figures.outputTokens),
  reasoning: count(figures.thinkingTokens),
});
