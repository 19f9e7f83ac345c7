/** Anthropic Messages, streamed and at once. */
import { count, type Json, list, object, text } from '../../../agents/json.ts';
import { add, max, NO_TOKENS, type Tokens } from '../../../loop/tokens.ts';
import type { AnswerReader, Ask, Dialect, Seen } from '../dialect.ts';

export const anthropic: Dialect = {
  name: 'anthropic',
  cachesOnRequest: true,
  hidesOutput: false,

  ask: (body): Ask => ({
    model: text(body.model),
    maxOutput: count(body.max_tokens) || null,
    answers: 1,
    elsewhere: false,
    atOnce: body.stream !== true,
    at: { model: ['model'], maxOutput: ['max_tokens'] },
    // The budget for thinking must be smaller than max_tokens, or the request is refused.
    leastOutput: count(object(body.thinking).budget_tokens) + 1,
  }),

  answer(): AnswerReader {
    let seen: Seen = { tokens: null, model: '', final: false, written: 0 };
    const report = (usage: Json, model: string, final: boolean) => {
      const tokens = max(seen.tokens ?? NO_TOKENS, tokensOf(usage));
      seen = { ...seen, tokens, model: model || seen.model, final: seen.final || final };
    };
    return {
      read(value) {
        switch (value.type) {
          case 'message':
            report(object(value.usage), text(value.model), value.usage !== undefined);
            break;
          case 'message_start': {
            const message = object(value.message);
            report(object(message.usage), text(message.model), false);
            break;
          }
          case 'content_block_delta': {
            const delta = object(value.delta);
            const words = text(delta.text) + text(delta.thinking) + text(delta.partial_json);
            seen = { ...seen, written: seen.written + Buffer.byteLength(words) };
            break;
          }
          case 'message_delta':
            report(object(value.usage), '', text(object(value.delta).stop_reason) !== '');
            break;
        }
      },
      get seen() {
        return seen;
      },
    };
  },

  error: (status, message) => ({
    type: 'error',
    error: { type: status === 400 ? 'invalid_request_error' : 'api_error', message },
  }),
};

/** Where the server compacted the conversation, the totals leave that out and `iterations` has all of it (docs, compaction). */
function tokensOf(usage: Json): Tokens {
  const parts = list(usage.iterations).map((part) => bucketsOf(object(part)));
  return parts.reduce((sum, part) => max(sum, part), max(bucketsOf(usage), parts.reduce(add, NO_TOKENS)));
}

const bucketsOf = (usage: Json): Tokens => ({
  input: count(usage.input_tokens),
  cacheRead: count(usage.cache_read_input_tokens),
  cacheWrite: count(usage.cache_creation_input_tokens),
  output: count(usage.output_tokens),
  reasoning: count(object(usage.output_tokens_details).thinking_tokens),
});
