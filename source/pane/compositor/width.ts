/**
 * Text as the terminal sees it: glyphs (grapheme clusters) and how many columns each takes, from one table for the whole screen
 * (string-width, the one Ink uses). Measuring is what drawing costs, so every text is measured once and remembered.
 */
import stringWidth from 'string-width';

/** A text cut into glyphs; `widths[i]` columns are taken by `glyphs[i]`, and never 0. */
export interface Measured {
  readonly glyphs: readonly string[];
  readonly widths: readonly number[];
  /** The columns of all of them. */
  readonly width: number;
}

const PLAIN = /^[\x20-\x7e]*$/;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What could steer the terminal from inside a glyph, or is not text at all. */
const NOT_TEXT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/** The longest emoji sequence in use takes 15 units; a longer cluster is a letter under a heap of marks. */
const MAX_GLYPH_LENGTH = 32;

/** No terminal shows more of a line, and segmenting a line of a megabyte would stop the screen. In UTF-16 units. */
const MAX_MEASURED_LENGTH = 4096;

/** True when every character of a text is one printable ASCII column: no measuring needed. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** A text's grapheme clusters, of any width. */
export function* graphemes(text: string): Generator<string> {
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/** Cuts a text into glyphs with their widths. What has no width is left out; the first 4096 UTF-16 units are looked at. */
export function measure(text: string): Measured {
  return texts.get(text) ?? texts.set(text, measureAnew(text));
}

/** The columns that a text takes. */
export function widthOf(text: string): number {
  return isPlain(text) ? text.length : measure(text).width;
}

/**
 * The width of a glyph that is one character of a script or a drawing set on which every terminal agrees (unless it was told to make
 * ambiguous ones wide); undefined for any other. These are what nearly all text is made of, and what string-width says of them.
 */
export function settledWidth(glyph: string): 1 | 2 | undefined {
  if (glyph.length !== 1) return undefined;
  const code = glyph.charCodeAt(0);
  if (code < 0x7f) return code >= 0x20 ? 1 : undefined;
  if (code < 0x0300) return code >= 0xa0 && code !== 0xad ? 1 : undefined;
  if (within(code, 0x0390, 0x0482) || within(code, 0x2500, 0x25a0) || within(code, 0x2800, 0x2900)) return 1;
  if (within(code, 0x3041, 0x3097) || within(code, 0x30a1, 0x30fb)) return 2;
  if (within(code, 0x4e00, 0xa000) || within(code, 0xac00, 0xd7a4)) return 2;
  return undefined;
}

const within = (code: number, from: number, to: number) => code >= from && code < to;

function measureAnew(long: string): Measured {
  const text = long.length > MAX_MEASURED_LENGTH ? long.slice(0, MAX_MEASURED_LENGTH) : long;
  const glyphs: string[] = [];
  const widths: number[] = [];
  let width = 0;
  for (const cluster of clusters(text)) {
    const columns =
      settledWidth(cluster) ?? unsettledWidths.get(cluster) ?? unsettledWidths.set(cluster, lookUp(cluster));
    if (columns === 0) continue;
    glyphs.push(columns < 0 ? '\ufffd' : cluster);
    widths.push(Math.abs(columns));
    width += Math.abs(columns);
  }
  return { glyphs, widths, width };
}

/** No two settled characters join: only where there is another does the text need segmenting. */
function clusters(text: string): Iterable<string> {
  for (let i = 0; i < text.length; i++) if (settledWidth(text.charAt(i)) === undefined) return graphemes(text);
  return text;
}

/** Columns of one cluster as string-width has them; -1 when it must be shown as U+FFFD instead. */
function lookUp(cluster: string): number {
  const width = stringWidth(cluster);
  if (width === 0) return 0;
  return cluster.length > MAX_GLYPH_LENGTH || NOT_TEXT.test(cluster) ? -1 : width;
}

/** A map that forgets what was not asked for lately: when the young half is full it becomes the old half, and that is dropped. */
class Remembered<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  readonly #half: number;

  constructor(half: number) {
    this.#half = half;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): Value {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }
}

// 100 panes of 40 visible lines are 4,000 texts a frame; both halves together hold twice that.
const texts = new Remembered<Measured>(4096);
const unsettledWidths = new Remembered<number>(10_000);
