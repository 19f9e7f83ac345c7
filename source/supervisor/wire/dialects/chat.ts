/** OpenAI Chat Completions and the many that speak it, streamed and at once. */
import { count, type Json, list, object, text } from '../../../agents/json.ts';
import type { AnswerReader, Ask, Dialect, Seen } from '../dialect.ts';
import { openaiError, tokensOf } from './openai.ts';

export const chat: Dialect = {
  name: 'chat',
  cachesOnRequest: false,
  hidesOutput: true,

  ask(body): Ask {
    const newer = body.max_completion_tokens !== undefined || body.max_tokens === undefined;
    return {
      model: text(body.model),
      maxOutput: count(body.max_completion_tokens) || count(body.max_tokens) || null,
      answers: Math.max(1, count(body.n)),
      elsewhere: false,
      atOnce: body.stream !== true,
      at: { model: ['model'], maxOutput: [newer ? 'max_completion_tokens' : 'max_tokens'] },
      leastOutput: 1,
    };
  },

  answer(): AnswerReader {
    let seen: Seen = { tokens: null, model: '', final: false, written: 0 };
    return {
      read(value) {
        const choices = list(value.choices).map(object);
        const written = choices.reduce((sum, choice) => sum + bytesOf(object(choice.delta)), seen.written);
        seen = { ...seen, written, model: text(value.model) || seen.model };
        // Some tell a running total with every piece; the last one is the bill, and the stream's end says that it was.
        if (typeof value.usage !== 'object' || value.usage === null) return;
        const ended = choices.length === 0 || choices.some((choice) => text(choice.finish_reason) !== '');
        seen = { ...seen, tokens: tokensOf(object(value.usage)), final: seen.final || ended };
      },
      get seen() {
        return seen;
      },
    };
  },

  error: openaiError,
};

/** Whether a streamed request would not be told its bill. */
export const asksNoBill = (body: Json): boolean =>
  body.stream === true && object(body.stream_options).include_usage !== true;

/** The piece of a stream that holds nothing but the bill. */
export const isBill = (value: Json): boolean =>
  Array.isArray(value.choices) && value.choices.length === 0 && typeof value.usage === 'object' && value.usage !== null;

function bytesOf(delta: Json): number {
  const calls = list(delta.tool_calls).map((call) => text(object(object(call).function).arguments));
  return Buffer.byteLength(
    text(delta.content) + text(delta.reasoning_content) + text(delta.reasoning) + calls.join(''),
  );
}
