/** What each look is drawn as, for the cells and for Ink alike: 16 colours at most, and nothing that colour alone would say. */
import type { TextProps } from 'ink';
import type { Canvas, Style } from './compositor/index.ts';
import { toAscii } from './present/glyphs.ts';
import type { Line, Look } from './present/span.ts';

const STYLES: Readonly<Record<Look, Style>> = {
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
  added: { fg: 'green' },
  removed: { fg: 'red' },
  moved: { fg: 'blue' },
  'new-word': { fg: 'green', bold: true, underline: true },
  'old-word': { fg: 'red', underline: true },
  string: { fg: 'yellow' },
  keyword: { fg: 'magenta' },
  number: { fg: 'cyan' },
};

/** A look as Ink's `<Text>` takes it. */
export function textProps(look: Look): TextProps {
  const { fg, bold, dim, inverse, underline } = STYLES[look];
  return {
    ...(fg === undefined ? {} : { color: fg }),
    ...(bold ? { bold } : {}),
    ...(dim ? { dimColor: dim } : {}),
    ...(inverse ? { inverse } : {}),
    ...(underline ? { underline } : {}),
  };
}

/** Draws rows from the top of a canvas. */
export function paintRows(canvas: Canvas, rows: readonly Line[], ascii: boolean): void {
  rows.slice(0, canvas.height).forEach((row, y) => {
    let x = 0;
    for (const { text, look } of row) x = canvas.text(x, y, ascii ? toAscii(text) : text, STYLES[look]);
  });
}
