/**
 * A screen as a grid of cells, each a glyph and a style id. A wide glyph fills its first cell; the cells it covers beyond hold ''.
 * Half a wide glyph can not be shown, so whatever cuts one in two leaves a blank in place of the rest.
 */

/** A box of cells; may lie partly or wholly outside the screen. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The cells that two boxes share; of no width or height when they share none. */
export function intersect(a: Rect, b: Rect): Rect {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const right = Math.min(a.x + a.width, b.x + b.width);
  const bottom = Math.min(a.y + a.height, b.y + b.height);
  return { x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) };
}

/** A grid of cells. Coordinates given to its methods must lie inside it. */
export class Cells {
  readonly width: number;
  readonly height: number;
  readonly glyphs: string[];
  readonly styles: Uint16Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.glyphs = new Array<string>(width * height).fill(' ');
    this.styles = new Uint16Array(width * height);
  }

  /** Blanks every cell. */
  clear(): void {
    this.glyphs.fill(' ');
    this.styles.fill(0);
  }

  /** Writes characters that each take one column. */
  putPlain(x: number, y: number, text: string, from: number, to: number, style: number): void {
    const start = y * this.width + x;
    const end = start + (to - from);
    this.#cutLeft(start);
    for (let at = start, i = from; at < end; at++, i++) {
      this.glyphs[at] = text.charAt(i);
      this.styles[at] = style;
    }
    this.#cutRight(end);
  }

  /** Writes one glyph of `width` columns, all of which must lie inside the row. */
  put(x: number, y: number, glyph: string, width: number, style: number): void {
    const start = y * this.width + x;
    this.#cutLeft(start);
    for (let at = start; at < start + width; at++) {
      this.glyphs[at] = at === start ? glyph : '';
      this.styles[at] = style;
    }
    this.#cutRight(start + width);
  }

  /** Copies a box from a grid of the same size to the same place in this one. */
  copy(from: Cells, box: Rect): void {
    const { x, y, width, height } = intersect(box, { x: 0, y: 0, width: this.width, height: this.height });
    if (width === 0) return;
    for (let row = y; row < y + height; row++) {
      const start = row * this.width + x;
      const end = start + width;
      this.#cutLeft(start);
      this.#cutRight(end);
      for (let at = start; at < end; at++) this.glyphs[at] = from.glyphs[at] ?? ' ';
      this.styles.set(from.styles.subarray(start, end), start);
      // The source's own wide glyphs may lie across the box's edges.
      for (let at = start; at < end && this.glyphs[at] === ''; at++) this.glyphs[at] = ' ';
      if (x + width < this.width && from.glyphs[end] === '') {
        let at = end - 1;
        for (; this.glyphs[at] === '' && at > start; at--) this.glyphs[at] = ' ';
        this.glyphs[at] = ' ';
      }
    }
  }

  /** Blanks a wide glyph that begins before `at` and reaches over it. */
  #cutLeft(at: number): void {
    if (this.glyphs[at] !== '') return;
    let lead = at - 1;
    while (this.glyphs[lead] === '') lead--;
    this.glyphs.fill(' ', lead, at);
  }

  /** Blanks what is left, at `at` and beyond, of a wide glyph whose beginning was overwritten. */
  #cutRight(at: number): void {
    if (at % this.width === 0) return;
    for (let rest = at; this.glyphs[rest] === ''; rest++) this.glyphs[rest] = ' ';
  }
}
