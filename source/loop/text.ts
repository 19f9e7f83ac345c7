/**
 * The one sanitiser: what an agent, a file, a branch or a person wrote, made into text that can be shown. It allows what prints and
 * drops the rest; it does not cut text to a width, and does not make it safe for a shell or a prompt.
 */

/** Nothing to do for nearly every line: only ASCII, Latin, punctuation, arrows, boxes and blocks, kana, Han, Hangul. */
const PLAIN =
  /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u23ff\u2500-\u27bf\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]*$/;

/** A pane is about 40 columns wide; stops at 8 would push code out of it. */
const TAB = '  ';

// ECMA-48 5.4 (CSI), 5.6 (command strings; OSC may end in BEL), ECMA-35 13.2 (ESC and what follows). A string's payload is hidden with
// it up to 4,096 characters; an unfinished or longer one is shown, for it must not hide the rest of the line. No payload can hold what
// begins a sequence, so a line is read once, however hostile.
const SEQUENCE = new RegExp(
  [
    /(?:\x1b\[|\x9b)[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]?/,
    /(?:\x1b\]|\x9d)(?:[^\x07\x18\x1a\x1b\x80-\x9f]{0,4096}(?:\x07|\x1b\\|\x9c))?/,
    /(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])(?:[^\x18\x1a\x1b\x80-\x9f]{0,4096}(?:\x1b\\|\x9c))?/,
    /\x1b[\x20-\x2f]*[\x30-\x7e]?/,
  ]
    .map((form) => form.source)
    .join('|'),
  'g',
);

/** What does not print, in runs: anything but letters, marks, numbers, punctuation, symbols and spaces, and what Unicode says to ignore. */
const UNPRINTABLE = /(?:[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]|\p{Default_Ignorable_Code_Point})+/gu;

/** Unprintables that a reader must know of: direction overrides and isolates, tags, and what has no meaning at all. Not the joiners,
 * selectors and controls that are common in honest text and change nothing when they go. */
const TELLING = /[^\p{Cc}\p{Default_Ignorable_Code_Point}]|[\u202a-\u202e\u2066-\u2069]|[\u{e0000}-\u{e0fff}]/u;

/** More marks on one letter than any orthography uses: a heap of them draws over the lines around it. */
const MARKS = /(\p{M}{8})\p{M}+/gu;

/**
 * A line of output, as text: no escape sequence, control, direction override or invisible character is left in it. Of a progress line
 * the last state remains. A run of characters that only hide or reorder text becomes one U+FFFD. Takes one line without its newline
 * (a newline inside becomes a space). Linear in the line's length; sanitising twice is sanitising once.
 */
export function sanitize(line: string): string {
  if (PLAIN.test(line)) return line;
  return printable(lastState(line.replace(SEQUENCE, '')));
}

/**
 * A line under review (a diff, a command), as text that hides nothing: where `sanitize` drops, this shows. Controls become their pictures
 * (`\u240d` for a carriage return), and every run of invisible or reordering characters a U+FFFD.
 */
export function reveal(line: string): string {
  if (PLAIN.test(line)) return line;
  const pictured = line.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, picture);
  return trimMarks(pictured.replaceAll('\t', TAB).replace(UNPRINTABLE, '\ufffd'));
}

function printable(text: string): string {
  const spaced = text.replaceAll('\t', TAB).replace(/[\n\u2028\u2029]/g, ' ');
  return trimMarks(spaced.replace(UNPRINTABLE, (run) => (TELLING.test(run) ? '\ufffd' : '')));
}

function lastState(text: string): string {
  let end = text.length;
  while (text.charAt(end - 1) === '\r') end--;
  return text.slice(text.lastIndexOf('\r', end - 1) + 1, end);
}

function trimMarks(text: string): string {
  return text.replace(MARKS, '$1');
}

function picture(control: string): string {
  return control === '\x7f' ? '\u2421' : String.fromCharCode(0x2400 + control.charCodeAt(0));
}
