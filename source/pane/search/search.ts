/** Searching in what a tab shows: which rows hold the text, where the view must stand to show one, and the marks on it. */
import { type Line, type Look, type Span, span, textOf } from '../present/span.ts';

/** A text in capitals asks for capitals; any other for either. Null for no text. */
function patternOf(text: string): RegExp | null {
  if (text.trim() === '') return null;
  const literal = text.replace(/[\\^$.*+?()[\]{}|/]/g, (sign) => `\\${sign}`);
  return new RegExp(literal, /\p{Lu}/u.test(text) ? 'gu' : 'giu');
}

/** Indices of the rows that hold it. */
export function matchingRows(rows: readonly Line[], text: string): number[] {
  const pattern = patternOf(text);
  if (pattern === null) return [];
  return rows.flatMap((row, at) => (textOf(row).search(pattern) >= 0 ? [at] : []));
}

/** The row with every place that holds the text marked. */
export function marked(row: Line, text: string, look: Look): Line {
  const pattern = patternOf(text);
  if (pattern === null) return row;
  const whole = textOf(row);
  const places = [...whole.matchAll(pattern)].map(({ index, 0: { length } }) => ({ from: index, to: index + length }));
  if (places.length === 0) return row;
  const out: Span[] = [];
  let at = 0;
  for (const piece of row) {
    const end = at + piece.text.length;
    let from = at;
    for (const place of places) {
      if (place.to <= from || place.from >= end) continue;
      const begin = Math.max(from, place.from);
      const stop = Math.min(end, place.to);
      if (begin > from) out.push(span(whole.slice(from, begin), piece.look));
      out.push(span(whole.slice(begin, stop), look));
      from = stop;
    }
    if (from < end) out.push(span(whole.slice(from, end), piece.look));
    at = end;
  }
  return out;
}

/** The first of `height` rows to show so that row `at` of `count` stands in the middle. */
export const windowAround = (at: number, count: number, height: number): number =>
  Math.max(0, Math.min(at - Math.floor(height / 2), count - height));
