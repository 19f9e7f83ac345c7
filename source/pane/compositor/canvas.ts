/** What a painter draws on: its own box of the screen, with (0, 0) at the box's corner. Nothing drawn leaves the box. */
import { type Cells, intersect, type Rect } from './cells.ts';
import type { Style, Styles } from './style.ts';
import { isPlain, measure, widthOf } from './width.ts';

/** A piece of a line in one style. */
export interface Span {
  readonly text: string;
  readonly style?: Style | undefined;
}

/** The drawing surface of a painter. Coordinates and sizes are in cells; text is one line, and control characters in it vanish. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Draws text up to, not including, column `maxX` (the width when left out) and returns the column after it. */
  text(x: number, y: number, text: string, style?: Style, maxX?: number): number;
  /** Fills a box with a character of one column. */
  fill(rect: Rect, character: string, style?: Style): void;
  /** Draws pieces of text one after the other, as `text` does. */
  line(x: number, y: number, spans: readonly Span[], maxX?: number): number;
}

/** A canvas over cells: `box` is where (0, 0) lies and how far the painter may count, `clip` the part of it that shows. */
export class CellCanvas implements Canvas {
  readonly width: number;
  readonly height: number;
  readonly #cells: Cells;
  readonly #styles: Styles;
  readonly #box: Rect;
  readonly #clip: Rect;

  constructor(cells: Cells, styles: Styles, box: Rect, clip: Rect = box) {
    this.#cells = cells;
    this.#styles = styles;
    this.#box = box;
    this.#clip = intersect(intersect(box, clip), { x: 0, y: 0, width: cells.width, height: cells.height });
    this.width = box.width;
    this.height = box.height;
  }

  text(x: number, y: number, text: string, style?: Style, maxX = this.width): number {
    return this.styled(x, y, text, this.#styles.id(style), maxX);
  }

  line(x: number, y: number, spans: readonly Span[], maxX = this.width): number {
    let at = x;
    for (const { text, style } of spans) at = this.text(at, y, text, style, maxX);
    return at;
  }

  fill(rect: Rect, character: string, style?: Style): void {
    const one = widthOf(character) === 1 ? character : ' ';
    const { x, y, width, height } = intersect(rect, { x: 0, y: 0, width: this.width, height: this.height });
    const row = one.repeat(width);
    for (let at = y; at < y + height; at++) this.text(x, at, row, style, x + width);
  }

  /** `text` with an interned style. */
  styled(column: number, row: number, text: string, style: number, maxX = this.width): number {
    const x = Math.trunc(column) || 0;
    const y = Math.trunc(row) || 0;
    const end = Math.min(this.width, maxX);
    if (x >= end) return x;
    const { x: boxX, y: boxY } = this.#box;
    const top = this.#clip.y;
    const left = this.#clip.x;
    const right = Math.min(left + this.#clip.width, boxX + end);
    const visible = boxY + y >= top && boxY + y < top + this.#clip.height && right > left;
    if (!visible) return Math.min(end, x + widthOf(text));
    if (isPlain(text)) {
      const from = Math.max(0, left - (boxX + x));
      const to = Math.min(text.length, right - (boxX + x));
      if (to > from) this.#cells.putPlain(boxX + x + from, boxY + y, text, from, to, style);
      return Math.min(end, x + text.length);
    }
    return this.#glyphs(boxX + x, boxY + y, text, style, left, right, boxX + end) - boxX;
  }

  /** Draws measured glyphs in screen columns; a glyph that `left` or `right` cuts is drawn as blanks. */
  #glyphs(x: number, y: number, text: string, style: number, left: number, right: number, end: number): number {
    const { glyphs, widths } = measure(text);
    let at = x;
    for (let i = 0; i < glyphs.length && at < end; i++) {
      const width = widths[i] ?? 1;
      if (at >= left && at + width <= right) this.#cells.put(at, y, glyphs[i] ?? ' ', width, style);
      else
        for (let cut = Math.max(at, left); cut < Math.min(at + width, right); cut++)
          this.#cells.put(cut, y, ' ', 1, style);
      at += width;
    }
    return Math.min(at, end);
  }
}
