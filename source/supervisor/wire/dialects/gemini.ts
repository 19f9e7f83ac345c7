/** Gemini's generateContent, at once and streamed (as events or as one JSON array); also in the envelope of Code Assist. */
import { count, type Json, list, object, text } from '../../../agents/json.ts';
import type { Tokens } from '../../../loop/tokens.ts';
import type { AnswerReader, Ask, Dialect, Seen } from '../dialect.ts';

export const gemini: Dialect = {
  name: 'gemini',
  cachesOnRequest: false,
  hidesOutput: false,

  ask(body, path): Ask {
    // Code Assist (a Google login) wraps the request and names the model beside it.
    const wrapped = typeof body.request === 'object' && body.request !== null;
    const inner = wrapped ? object(body.request) : body;
    const config = object(inner.generationConfig ?? inner.generation_config);
    const name = inner.generation_config === undefined ? 'generationConfig' : 'generation_config';
    return {
      model: modelIn(path) ?? text(body.model),
      maxOutput: count(config.maxOutputTokens ?? config.max_output_tokens) || null,
      answers: Math.max(1, count(config.candidateCount)),
      elsewhere: text(inner.cachedContent) !== '',
      atOnce: !/:stream/.test(path),
      at: {
        model: modelIn(path) === null ? ['model'] : null,
        maxOutput: wrapped ? ['request', name, 'maxOutputTokens'] : [name, 'maxOutputTokens'],
      },
      leastOutput: count(object(config.thinkingConfig).thinkingBudget) + 1,
    };
  },

  answer(): AnswerReader {
    let seen: Seen = { tokens: null, model: '', final: false, written: 0 };
    let finished = false;
    return {
      read(value) {
        const inner = object(value.response ?? value);
        finished ||= list(inner.candidates).some((each) => text(object(each).finishReason) !== '');
        finished ||= typeof inner.promptFeedback === 'object' && inner.promptFeedback !== null;
        const model = text(inner.modelVersion) || seen.model;
        const { usageMetadata } = inner;
        // Each report is a running total.
        const tokens = usageMetadata === undefined ? seen.tokens : tokensOf(object(usageMetadata));
        seen = { ...seen, model, tokens, final: finished && tokens !== null };
      },
      get seen() {
        return seen;
      },
    };
  },

  error: (status, message) => ({
    error: { code: status, message, status: status === 400 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE' },
  }),
};

/** `gemini-3.8-flash` of `/v1beta/models/gemini-3.8-flash:generateContent`; null where the path names none. */
export const modelIn = (path: string): string | null => /\/models\/([^/:]+):\w+$/.exec(path)?.[1] ?? null;

/** The same path, and the query behind it, for another model. */
export const withModelIn = (path: string, model: string): string =>
  path.replace(/(\/models\/)[^/:?]+(?=:\w+(\?|$))/, (_whole, before: string) => before + encodeURIComponent(model));

function tokensOf(usage: Json): Tokens {
  const prompt = count(usage.promptTokenCount) + count(usage.toolUsePromptTokenCount);
  const cacheRead = Math.min(prompt, count(usage.cachedContentTokenCount));
  const reasoning = count(usage.thoughtsTokenCount);
  return {
    input: prompt - cacheRead,
    cacheRead,
    cacheWrite: 0,
    output: count(usage.candidatesTokenCount) + reasoning,
    reasoning,
  };
}
