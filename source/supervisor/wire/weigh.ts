/** How many tokens a request's text can be at most, and how many an answer's text is about, without a provider's own tokenizer. */
import { type Json, object, text } from '../../agents/json.ts';

/**
 * Most tokens per ASCII letter or blank. The densest ASCII text there is, random letters of random case, has 0.61 with o200k_base
 * and 0.66 with cl100k_base (measured); English, code and JSON have 0.22 to 0.28. Every other byte counts as one token: a byte-level
 * tokenizer never makes more.
 */
const PER_LETTER = 0.75;

/** A picture's most: providers scale it down first (Anthropic 4,784 tokens, OpenAI about 6,200, Gemini 258 a tile; docs, 2026-11). */
const PICTURE = 10_000;

/** Tokens an answer's text has at least as many of as here per UTF-8 byte: 0.33 was the most in English, code and Markdown, any tokenizer. */
const PER_BYTE_WRITTEN = 0.4;

/** An upper bound of the tokens of `words`. */
export function mostTokens(words: string): number {
  let letters = 0;
  for (let at = 0; at < words.length; at++) {
    const code = words.charCodeAt(at);
    // a to z and A to Z differ by one bit.
    if (((code | 32) - 97) >>> 0 < 26 || code === 32 || code === 10) letters++;
  }
  return Math.ceil(letters * PER_LETTER) + Buffer.byteLength(words) - letters;
}

/** About how many tokens a model wrote for so many UTF-8 bytes of text; rather too many than too few. */
export const tokensWritten = (bytes: number): number => Math.ceil(bytes * PER_BYTE_WRITTEN);

/** An upper bound of the tokens that a part of a request is: names, values and what stands around them. Pictures count as such. */
export function weigh(value: unknown): number {
  if (typeof value === 'string') return mostTokens(value) + 2;
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + weigh(each), 2);
  if (typeof value !== 'object' || value === null) return String(value).length;
  const fields = object(value);
  if (isPicture(fields)) return PICTURE;
  return Object.entries(fields).reduce((sum, [name, each]) => sum + mostTokens(name) + 2 + weigh(each), 2);
}

function isPicture(fields: Json): boolean {
  const type = text(fields.type);
  if (type === 'image' || type === 'input_image' || type === 'image_url') return true;
  const inline = object(fields.inlineData ?? fields.inline_data);
  return text(inline.mimeType ?? inline.mime_type).startsWith('image/');
}
