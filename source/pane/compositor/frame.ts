/** Ink's frame, a string with SGR sequences, drawn into cells. Every other escape sequence in it is dropped. */
import { CellCanvas } from './canvas.ts';
import { Cells } from './cells.ts';
import type { Styles } from './style.ts';

// Ink lets OSC 8 (links) through and adds SGR of its own; anything else here is somebody's unclean text.
const SEQUENCE = /\x1b\[([\x30-\x3f]*)[\x20-\x2f]*([\x40-\x7e])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[\x20-\x7e]?/g;

/** Draws a frame into new cells of the given size; what lies outside is cut off. */
export function drawFrame(frame: string, width: number, height: number, styles: Styles): Cells {
  const cells = new Cells(width, height);
  const canvas = new CellCanvas(cells, styles, { x: 0, y: 0, width, height });
  const rows = frame.split('\n', height);
  const look = new Look(styles);
  for (const [y, row] of rows.entries()) {
    let x = 0;
    let at = 0;
    for (const match of row.matchAll(SEQUENCE)) {
      x = canvas.styled(x, y, row.slice(at, match.index), look.id);
      at = match.index + match[0].length;
      if (match[2] === 'm') look.apply(match[1] ?? '');
    }
    canvas.styled(x, y, row.slice(at), look.id);
  }
  return cells;
}

type Attribute = 'bold' | 'dim' | 'italic' | 'underline' | 'inverse' | 'strike' | 'fg' | 'bg';

/** The SGR attributes that are on, as one interned style. */
class Look {
  id = 0;
  readonly #styles: Styles;
  readonly #on = new Map<Attribute, string>();

  constructor(styles: Styles) {
    this.#styles = styles;
  }

  apply(parameters: string): void {
    const codes = parameters.split(/[;:]/);
    for (let i = 0; i < codes.length; i++) {
      const code = Number(codes[i]);
      if (code === 38 || code === 48) {
        const length = codes[i + 1] === '5' ? 3 : 5;
        this.#colour(code === 38 ? 'fg' : 'bg', codes.slice(i, i + length).join(';'));
        i += length - 1;
      } else this.#code(code);
    }
    this.id = this.#styles.raw([...this.#on.values()].join(';'));
  }

  #code(code: number): void {
    const attribute = ATTRIBUTES.get(code);
    const off = OFF.get(code);
    if (code === 0) this.#on.clear();
    else if (attribute) this.#on.set(attribute, String(code));
    else if (off) for (const name of off) this.#on.delete(name);
    else if ((code >= 30 && code < 38) || (code >= 90 && code < 98)) this.#colour('fg', String(code));
    else if ((code >= 40 && code < 48) || (code >= 100 && code < 108)) this.#colour('bg', String(code));
  }

  #colour(ground: 'fg' | 'bg', parameters: string): void {
    if (this.#styles.level > 0) this.#on.set(ground, parameters);
  }
}

const ATTRIBUTES = new Map<number, Attribute>([
  [1, 'bold'],
  [2, 'dim'],
  [3, 'italic'],
  [4, 'underline'],
  [7, 'inverse'],
  [9, 'strike'],
]);

const OFF = new Map<number, readonly Attribute[]>([
  [22, ['bold', 'dim']],
  [23, ['italic']],
  [24, ['underline']],
  [27, ['inverse']],
  [29, ['strike']],
  [39, ['fg']],
  [49, ['bg']],
]);
