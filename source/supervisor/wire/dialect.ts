/** What the meter has to know of a provider's API: where a request names its model and its output, where an answer tells its bill. */
import type { Json } from '../../agents/json.ts';
import type { Tokens } from '../../loop/tokens.ts';

export interface Dialect {
  readonly name: 'anthropic' | 'responses' | 'chat' | 'gemini';
  /** Reads a request; null when it names no model. */
  ask(body: Json, path: string): Ask;
  /** Reads one answer, piece by piece. */
  answer(): AnswerReader;
  /** An error in the API's own shape, so that the agent shows its words. */
  error(status: number, message: string): unknown;
  /** It caches what the request marks, and says how much: what was cached minutes ago still is. Others cache as they like. */
  readonly cachesOnRequest: boolean;
  /** Output can be under way that the stream does not show, as reasoning is. */
  readonly hidesOutput: boolean;
}

export interface Ask {
  readonly model: string;
  /** Most output tokens that the request allows; null when it does not say. */
  readonly maxOutput: number | null;
  /** Answers that it asks for at once; 1 or more. */
  readonly answers: number;
  /** Tokens of the prompt that are not in the body, as it refers to an earlier answer. */
  readonly elsewhere: boolean;
  /** A whole answer at the end, not a stream. */
  readonly atOnce: boolean;
  /** Where in the body the model and the most output stand; null for a model that stands in the path. */
  readonly at: {
    readonly model: readonly [string, ...string[]] | null;
    readonly maxOutput: readonly [string, ...string[]];
  };
  /** A lower number than this at `maxOutput` would be refused; 0 for none. */
  readonly leastOutput: number;
}

/** What an answer has told so far. */
export interface Seen {
  /** As reported; null before the first report. */
  readonly tokens: Tokens | null;
  /** As the provider calls it; empty before it does. */
  readonly model: string;
  /** The report is the whole bill. */
  readonly final: boolean;
  /** UTF-8 bytes of text that were seen and may not be in `tokens` yet. */
  readonly written: number;
}

export interface AnswerReader {
  /** One event's data, or the whole answer. */
  read(value: Json): void;
  readonly seen: Seen;
}

/** A request for the text of an answer, and where it is answered; null for what costs nothing or is not known. */
export type Kind =
  | { readonly is: 'billed'; readonly dialect: Dialect['name'] }
  | { readonly is: 'free' }
  /** It may cost something, and nobody counts it. */
  | { readonly is: 'unknown' };

/** What a request is, by its method and path (without the query). */
export function kindOf(method: string, path: string): Kind {
  if (method !== 'POST') return { is: 'free' };
  if (/\/messages\/count_tokens$|\/responses\/input_tokens$|:countTokens$/.test(path)) return { is: 'free' };
  if (/\/messages$/.test(path)) return { is: 'billed', dialect: 'anthropic' };
  if (/\/responses(\/compact)?$/.test(path)) return { is: 'billed', dialect: 'responses' };
  if (/\/chat\/completions$/.test(path)) return { is: 'billed', dialect: 'chat' };
  if (/:(stream)?[gG]enerateContent$/.test(path)) return { is: 'billed', dialect: 'gemini' };
  return { is: 'unknown' };
}
