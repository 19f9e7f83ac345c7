/** The escape sequence that hands a text to the terminal's clipboard, also through tmux and screen (OSC 52, xterm's "Manipulate Selection Data"). */

/** Bytes of text: xterm takes 100,000 characters of base64, and nobody pastes more. */
export const MOST_BYTES = 74_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** screen takes at most 768 bytes in one string of its own. */
const SCREEN_PIECE = 700;

/** The text with what is too much cut off at a character's edge. */
export function bounded(text: string): { readonly text: string; readonly cut: boolean } {
  const bytes = Buffer.from(text);
  if (bytes.length <= MOST_BYTES) return { text, cut: false };
  return { text: bytes.toString('utf8', 0, MOST_BYTES).replace(/\ufffd+$/, ''), cut: true };
}

/** Sets the clipboard to a text of at most `MOST_BYTES`. Whether the terminal does it, it does not say. */
export function clipboardSequence(text: string, { TMUX, STY }: Environment): string {
  const sequence = `\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`;
  // tmux takes the plain one where set-clipboard is on, and hands the wrapped one on where allow-passthrough is.
  if (TMUX) return `${sequence}\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\`;
  if (!STY) return sequence;
  const pieces = sequence.match(new RegExp(`[^]{1,${SCREEN_PIECE}}`, 'g')) ?? [];
  return pieces.map((piece) => `\x1bP${piece}\x1b\\`).join('');
}
