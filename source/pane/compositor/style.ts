/** How a cell looks, as a small number: styles are interned, so that a cell holds an id and two cells compare in one step. */

import { type Colour, type ColourLevel, foreground } from './colour.ts';

/** How a piece of text looks. Meaning never rests on `fg` alone: at colour level 0 it is not drawn. */
export interface Style {
  readonly fg?: Colour | undefined;
  readonly bold?: boolean | undefined;
  readonly dim?: boolean | undefined;
  readonly inverse?: boolean | undefined;
  readonly underline?: boolean | undefined;
}

/** Id 0 is the terminal's own look. Ids stay below this, so that they fit a Uint16 and a rainbow cannot grow the table for ever. */
const MAX_STYLES = 4096;

/** The table of one screen's styles. */
export class Styles {
  readonly level: ColourLevel;
  readonly #byParameters = new Map<string, number>([['', 0]]);
  readonly #parameters: string[] = [''];
  readonly #byStyle = new WeakMap<Style, number>();

  constructor(level: ColourLevel) {
    this.level = level;
  }

  /** The id of a style; the same style has the same id for the life of the table. */
  id(style: Style | undefined): number {
    if (style === undefined) return 0;
    const known = this.#byStyle.get(style);
    if (known !== undefined) return known;
    const parameters: string[] = [];
    if (style.bold) parameters.push('1');
    if (style.dim) parameters.push('2');
    if (style.underline) parameters.push('4');
    if (style.inverse) parameters.push('7');
    if (style.fg !== undefined && this.level > 0) parameters.push(foreground(style.fg, this.level));
    const id = this.raw(parameters.join(';'));
    this.#byStyle.set(style, id);
    return id;
  }

  /** The id of ready-made SGR parameters such as `1;38;5;208`; 0 when the table is full. */
  raw(parameters: string): number {
    const known = this.#byParameters.get(parameters);
    if (known !== undefined) return known;
    const id = this.#parameters.length;
    if (id >= MAX_STYLES) return 0;
    this.#parameters.push(parameters);
    this.#byParameters.set(parameters, id);
    return id;
  }

  /** The escape sequence that turns a style on from whatever was on before. */
  sequence(id: number): string {
    const parameters = this.#parameters[id];
    return parameters ? `\x1b[0;${parameters}m` : '\x1b[0m';
  }
}
