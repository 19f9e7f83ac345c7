/** What each look is drawn as, for the cells and for Ink alike: themes of 16 colours, and nothing that colour alone would say. */
import type { TextProps } from 'ink';
import { type Canvas, type Colour, type ColourLevel, type Style, shownAs } from './compositor/index.ts';
import { toAscii } from './present/glyphs.ts';
import type { Line, Look } from './present/span.ts';

export type Theme = Readonly<Record<Look, Style>>;

/** Bright on dark: the usual one. */
export const DARK: Theme = {
  plain: {},
  strong: { bold: true },
  faint: { dim: true },
  good: { fg: 'green' },
  bad: { fg: 'red', bold: true },
  warn: { fg: 'yellow' },
  need: { fg: 'yellow', bold: true },
  busy: { fg: 'cyan' },
  held: { fg: 'blue' },
  key: { bold: true },
  picked: { fg: 'cyan', bold: true },
  cursor: { inverse: true },
  found: { underline: true },
  match: { inverse: true },
  added: { fg: 'green' },
  removed: { fg: 'red' },
  moved: { fg: 'blue' },
  'new-word': { fg: 'green', bold: true, underline: true },
  'old-word': { fg: 'red', underline: true },
  string: { fg: 'yellow' },
  keyword: { fg: 'magenta' },
  number: { fg: 'cyan' },
};

/** Dark on bright: without yellow and cyan, which cannot be read there. */
const LIGHT: Theme = {
  ...DARK,
  warn: { fg: 'magenta' },
  need: { fg: 'magenta', bold: true },
  busy: { fg: 'blue' },
  held: { fg: 'blue', dim: true },
  picked: { fg: 'blue', bold: true },
  string: { fg: 'magenta' },
  keyword: { fg: 'blue' },
  number: { fg: 'blue' },
};

/** Blue, orange and grey, which nearly everybody can tell apart (Okabe and Ito, 2008), in place of green and red. */
const COLOUR_BLIND: Theme = {
  ...DARK,
  good: { fg: '#56b4e9' },
  bad: { fg: '#d55e00', bold: true },
  warn: { fg: '#e69f00' },
  need: { fg: '#f0e442', bold: true },
  busy: { fg: 'white' },
  held: { fg: 'gray' },
  picked: { fg: '#56b4e9', bold: true },
  added: { fg: '#56b4e9' },
  removed: { fg: '#d55e00' },
  moved: { fg: 'gray' },
  'new-word': { fg: '#56b4e9', bold: true, underline: true },
  'old-word': { fg: '#d55e00', underline: true },
  string: { fg: '#e69f00' },
  keyword: { bold: true },
  number: { fg: 'white' },
};

/** By the names that the configuration has for them. */
export const THEMES: Readonly<Record<string, Theme>> = {
  dark: DARK,
  light: LIGHT,
  'colour-blind': COLOUR_BLIND,
};

/** A look as Ink's `<Text>` takes it. */
export function textProps(theme: Theme, look: Look, level: ColourLevel): TextProps {
  const { fg, bold, dim, inverse, underline } = theme[look];
  const colour = fg === undefined ? null : shownAs(fg, level);
  return {
    ...(colour === null ? {} : { color: inkColour(colour) }),
    ...(bold ? { bold } : {}),
    ...(dim ? { dimColor: dim } : {}),
    ...(inverse ? { inverse } : {}),
    ...(underline ? { underline } : {}),
  };
}

/** `bright-red` is `redBright` to chalk. */
const inkColour = (colour: Colour): string =>
  typeof colour === 'number' ? `ansi256(${colour})` : colour.replace(/^bright-(.*)/, '$1Bright');

/** Draws rows from the top of a canvas. */
export function paintRows(canvas: Canvas, rows: readonly Line[], ascii: boolean, theme: Theme = DARK): void {
  rows.slice(0, canvas.height).forEach((row, y) => {
    let x = 0;
    for (const { text, look } of row) x = canvas.text(x, y, ascii ? toAscii(text) : text, theme[look]);
  });
}
