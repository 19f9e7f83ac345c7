/** OpenAI Responses, streamed and at once; also the compaction of a conversation, which is billed as an answer. */
import { count, object, text as plain } from '../../../agents/json.ts';
import type { AnswerReader, Ask, Dialect, Seen } from '../dialect.ts';
import { openaiError, tokensOf } from './openai.ts';

const ENDS = new Set(['response.completed', 'response.incomplete', 'response.failed']);

export const responses: Dialect = {
  name: 'responses',
  cachesOnRequest: false,
  hidesOutput: true,

  ask: (body): Ask => ({
    model: plain(body.model),
    maxOutput: count(body.max_output_tokens) || null,
    answers: 1,
    elsewhere: plain(body.previous_response_id) !== '' || body.conversation != null,
    atOnce: body.stream !== true,
    at: { model: ['model'], maxOutput: ['max_output_tokens'] },
    leastOutput: 16,
  }),

  answer(): AnswerReader {
    let seen: Seen = { tokens: null, model: '', final: false, written: 0 };
    return {
      read(value) {
        const type = plain(value.type);
        const response = type.startsWith('response.') ? object(value.response) : value;
        const model = plain(response.model) || seen.model;
        const delta = plain(value.delta);
        seen = { ...seen, model, written: seen.written + Buffer.byteLength(delta) };
        if (type.startsWith('response.') && !ENDS.has(type)) return;
        if (typeof response.usage !== 'object' || response.usage === null) return;
        seen = { ...seen, tokens: tokensOf(object(response.usage)), final: true };
      },
      get seen() {
        return seen;
      },
    };
  },

  error: openaiError,
};
