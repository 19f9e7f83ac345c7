/** What OpenAI's two APIs, and those who speak them, have in common: the shape of a bill and of an error. */
import { count, type Json, object } from '../../../agents/json.ts';
import type { Tokens } from '../../../loop/tokens.ts';

/**
 * Input counts everything in the prompt, cached or not. Output counts reasoning with OpenAI but not with xAI, where only the
 * total tells: whatever the total has beyond the prompt was written.
 */
export function tokensOf(usage: Json): Tokens {
  const prompt = count(usage.input_tokens ?? usage.prompt_tokens);
  const inDetail = object(usage.input_tokens_details ?? usage.prompt_tokens_details);
  const outDetail = object(usage.output_tokens_details ?? usage.completion_tokens_details);
  const written = count(usage.output_tokens ?? usage.completion_tokens);
  const cacheRead = Math.min(prompt, count(inDetail.cached_tokens));
  const cacheWrite = Math.min(prompt - cacheRead, count(inDetail.cache_write_tokens));
  return {
    input: prompt - cacheRead - cacheWrite,
    cacheRead,
    cacheWrite,
    output: Math.max(written, count(usage.total_tokens) - prompt),
    reasoning: count(outDetail.reasoning_tokens),
  };
}

export const openaiError = (status: number, message: string): unknown => ({
  error: {
    message,
    type: status === 400 ? 'invalid_request_error' : 'server_error',
    param: null,
    code: status === 400 ? 'looptop_cap' : null,
  },
});
