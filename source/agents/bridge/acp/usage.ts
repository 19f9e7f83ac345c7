/**
 * What an ACP agent says that it has spent. The protocol's `usage_update.used` is how full the context is, never a bill;
 * bills come in as many ways as there are agents, and what one does not tell is said to be hidden.
 */
import type { AgentEvent } from '../../../loop/agent-event.ts';
import { isZero, type Tokens } from '../../../loop/tokens.ts';
import { createUsageBook } from '../../claude-usage.ts';
import { count, type Json, list, object, text } from '../../json.ts';

export interface AcpBook {
  /** One response of grok's, as it ends. */
  response(usage: Json, model: string): AgentEvent[];
  /** The answer to a prompt, or the data of the error that it ended with. */
  turn(answer: Json, turn: Turn): AgentEvent[];
  /** Something that is in none of the agent's figures; said once. */
  hide(what: string): AgentEvent[];
}

export interface Turn {
  readonly agent: string;
  readonly model: string;
}

/** What a turn cost that never ended. */
export const CUT = 'a turn that did not end';

const EVERYTHING = 'everything: the agent reports no usage';
const GEMINI = 'what came from the cache, and what the model thought: gemini tells only sums over ACP';
const OPENCODE =
  'the session’s title, sub-agents, and all responses of a turn but the last: opencode tells no more over ACP';

export function createAcpBook(): AcpBook {
  const book = createUsageBook();
  const hidden = new Set<string>();
  let responses = 0;
  let turns = 0;

  const hide = (what: string): AgentEvent[] => {
    if (hidden.has(what)) return [];
    hidden.add(what);
    return [{ type: 'hidden', what }];
  };
  const whole = (model: string, tokens: Tokens): AgentEvent[] =>
    isZero(tokens) ? [] : [{ type: 'usage', key: `turn-${turns}:${model}`, model, tokens, final: true }];

  return {
    hide,

    response: (usage, model) =>
      book.report(
        `response-${++responses}`,
        model,
        { ...usage, output_tokens_details: { thinking_tokens: usage.reasoning_tokens } },
        true,
      ),

    turn(answer, { agent, model }) {
      turns++;
      const meta = object(answer._meta);
      // Grok: all requests of the turn per model, sub-agents included; with an error under another name.
      const grok = object(
        object(Object.keys(object(meta.usage)).length > 0 ? meta.usage : answer.promptUsage).modelUsage,
      );
      if (Object.keys(grok).length > 0) return book.settle(mapped(grok, grokBill));
      const rows = list(object(meta.quota).model_usage).map(object);
      if (rows.length > 0) {
        const sums = rows.some((row) => 'input_tokens' in object(row.token_count));
        const usage = rows.flatMap((row) => whole(text(row.model) || model, tokensOf(object(row.token_count))));
        return [...usage, ...(sums ? hide(GEMINI) : [])];
      }
      const usage = tokensOf(object(answer.usage));
      if (isZero(usage)) return hide(EVERYTHING);
      return [...whole(model, usage), ...(agent === 'OpenCode' ? hide(OPENCODE) : [])];
    },
  };
}

function mapped(from: Json, as: (value: Json) => Json): Json {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, as(object(value))]));
}

/** Its inputTokens hold what came from and went to the cache as well. */
const grokBill = (usage: Json): Json => ({
  inputTokens: Math.max(0, count(usage.inputTokens) - count(usage.cachedReadTokens) - count(usage.cacheCreationTokens)),
  cacheReadInputTokens: usage.cachedReadTokens,
  cacheCreationInputTokens: usage.cacheCreationTokens,
  outputTokens: usage.outputTokens,
  thinkingTokens: usage.reasoningTokens,
});

/**
 * Any agent's figures as disjoint buckets. Whether its input holds the cached part, and its output the thoughts, is read off
 * the total that it gives: claude and opencode keep them apart, codex does not.
 */
function tokensOf(usage: Json): Tokens {
  const input = count(usage.inputTokens) || count(usage.input_tokens);
  const output = count(usage.outputTokens) || count(usage.output_tokens);
  const cacheRead = count(usage.cachedReadTokens) || count(usage.cachedInputTokens);
  const cacheWrite = count(usage.cachedWriteTokens);
  const reasoning = count(usage.thoughtTokens) || count(usage.reasoningOutputTokens);
  const total = count(usage.totalTokens);
  const cachedInside = total > 0 && total < input + output + cacheRead + cacheWrite;
  const thoughtsOutside = total >= input + output + reasoning + (cachedInside ? 0 : cacheRead + cacheWrite);
  return {
    input: cachedInside ? Math.max(0, input - cacheRead - cacheWrite) : input,
    cacheRead,
    cacheWrite,
    output: thoughtsOutside ? output + reasoning : output,
    reasoning,
  };
}
