/** Text with a meaning instead of a colour, and the arithmetic of cells on it. Pure: a theme decides later what a look is drawn as. */
import { graphemes, isPlain, widthOf } from '../compositor/width.ts';

/**
 * What a piece of text is, never what it looks like. Colour only repeats what a glyph or word says, so a look may be lost.
 * `need` waits for a person, `busy` is at work, `held` was halted by the operator, `key` can be pressed, `picked` is chosen,
 * `cursor` is where text goes, `found` what was searched for and `match` where the search stands. Of a diff: lines `added`, `removed`
 * and `moved`, the words changed in them (`new-word`, `old-word`), and the pieces of code.
 */
export type Look =
  | 'plain'
  | 'strong'
  | 'faint'
  | 'good'
  | 'bad'
  | 'warn'
  | 'need'
  | 'busy'
  | 'held'
  | 'key'
  | 'picked'
  | 'cursor'
  | 'found'
  | 'match'
  | 'added'
  | 'removed'
  | 'moved'
  | 'new-word'
  | 'old-word'
  | 'string'
  | 'keyword'
  | 'number';

export interface Span {
  readonly text: string;
  readonly look: Look;
}
export type Line = readonly Span[];

export const span = (text: string, look: Look = 'plain'): Span => ({ text, look });
export const line = (text: string, look: Look = 'plain'): Line => (text === '' ? [] : [{ text, look }]);
export const EMPTY: Line = [];

/** The line without its looks. */
export const textOf = (spans: Line): string => spans.map((each) => each.text).join('');

/** How many terminal cells a text takes; wide characters take two. */
export const cells = widthOf;

export const width = (spans: Line): number => spans.reduce((sum, each) => sum + cells(each.text), 0);

/** At most `limit` cells of the text; what is cut ends in `…`. */
export function clip(text: string, limit: number): string {
  if (limit <= 0) return '';
  if (cells(text) <= limit) return text;
  return `${head(text, limit - 1)}…`;
}

/** As many whole characters from the front as fit into `limit` cells. */
export function head(text: string, limit: number): string {
  if (isPlain(text)) return text.slice(0, Math.max(0, limit));
  let at = 0;
  let used = 0;
  for (const each of graphemes(text)) {
    used += widthOf(each);
    if (used > limit) break;
    at += each.length;
  }
  return text.slice(0, at);
}

/** At most `limit` cells of the line; what is cut ends in `…`. */
export function clipLine(spans: Line, limit: number): Line {
  if (width(spans) <= limit) return spans;
  const kept: Span[] = [];
  let room = limit;
  for (const each of spans) {
    const wide = cells(each.text);
    // The next one no longer fits either, so the mark of the cut must still go in here.
    if (wide >= room) {
      kept.push({ ...each, text: clip(`${each.text} `, room) });
      return kept;
    }
    kept.push(each);
    room -= wide;
  }
  return kept;
}

/** The line at exactly `to` cells: cut or filled with spaces. */
export function fit(spans: Line, to: number): Line {
  const cut = clipLine(spans, to);
  const missing = to - width(cut);
  return missing > 0 ? [...cut, span(' '.repeat(missing))] : cut;
}

/** `left` and `right` at the two ends of `to` cells. The right end holds numbers, so the left one is cut first. */
export function ends(left: Line, right: Line, to: number): Line {
  const reserved = width(right);
  if (reserved === 0) return fit(left, to);
  if (reserved >= to) return fit(right, to);
  return [...fit(left, to - reserved - 1), span(' '), ...right];
}

/** Right- or left-aligned in `to` cells, cut when longer. */
export const padStart = (text: string, to: number): string => {
  const cut = clip(text, to);
  return ' '.repeat(Math.max(0, to - cells(cut))) + cut;
};
export const padEnd = (text: string, to: number): string => {
  const cut = clip(text, to);
  return cut + ' '.repeat(Math.max(0, to - cells(cut)));
};

/** Breaks a text into lines of at most `to` cells, at spaces where there are some. Line feeds are kept as breaks. */
export function wrap(text: string, to: number): string[] {
  const limit = Math.max(1, to);
  const out: string[] = [];
  for (const paragraph of text.split('\n')) {
    const before = out.length;
    let rest = paragraph.trimEnd();
    while (cells(rest) > limit) {
      const fitting = head(rest, limit) || (graphemes(rest).next().value ?? rest);
      const space = rest[fitting.length] === ' ' ? fitting.length : fitting.lastIndexOf(' ');
      // A break at a space far back would leave a ragged hole: then the word is cut.
      const at = space > fitting.length / 2 ? space : fitting.length;
      out.push(rest.slice(0, at).trimEnd());
      rest = rest.slice(at).trimStart();
    }
    if (rest !== '' || out.length === before) out.push(rest);
  }
  return out;
}

/** The spans joined with `gap` between those that are not empty. */
export function join(parts: readonly Line[], gap: string): Line {
  const out: Span[] = [];
  for (const part of parts) {
    if (part.length === 0) continue;
    if (out.length > 0) out.push(span(gap));
    out.push(...part);
  }
  return out;
}
