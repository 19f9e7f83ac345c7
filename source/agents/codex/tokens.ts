/** Codex's token counts as ours. It counts as OpenAI does: input holds what came from the cache, output holds the reasoning. */
import type { Tokens } from '../../loop/tokens.ts';
import { count, object } from '../json.ts';

/** `usage` as exec and the rollouts (snake_case) or the app-server (camelCase) write it. */
export function codexTokens(value: unknown): Tokens {
  const usage = object(value);
  const of = (snake: string, camel: string) => count(usage[snake] ?? usage[camel]);
  const cacheRead = of('cached_input_tokens', 'cachedInputTokens');
  const cacheWrite = of('cache_write_input_tokens', 'cacheWriteInputTokens');
  return {
    input: Math.max(0, of('input_tokens', 'inputTokens') - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: of('output_tokens', 'outputTokens'),
    reasoning: of('reasoning_output_tokens', 'reasoningOutputTokens'),
  };
}
