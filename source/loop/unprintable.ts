/** Characters that do not show as themselves, so that text from a file can neither steer a terminal nor hide from a reader. */

/**
 * One control (C0, C1, DEL), format (bidi, zero-width, tag), surrogate or line-separator character, or a variation
 * selector of plane 14: the ones that injections are smuggled in.
 */
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|[\u{E0100}-\u{E01EF}]/u;

const EVERY_UNPRINTABLE = new RegExp(UNPRINTABLE.source, 'gu');

/** The text with each unprintable character written as `\u{1b}`, so that it can stand in a one-line message. */
export function visible(text: string): string {
  return text.replace(EVERY_UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
