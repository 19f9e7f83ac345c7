/** Rows as aligned columns for people; scripts use --json. */

export interface Column {
  readonly title: string;
  /** Numbers stand to the right, so that their digits line up. */
  readonly align?: 'left' | 'right';
}

/** Columns of a terminal that a text takes. */
export type Width = (text: string) => number;

/** ASCII and our own one-column glyphs: all that most tables hold. */
const PLAIN = /^[\x20-\x7e●◐◆‖○✓✗■·…█░▁▂▃▄▅▆▇≥≈’]*$/;

/** string-width compiles expressions for 50 ms at its first use, so it is only loaded for text that needs it. */
export async function widthFor(texts: readonly string[]): Promise<Width> {
  if (texts.every((text) => PLAIN.test(text))) return (text) => text.length;
  const { default: stringWidth } = await import('string-width');
  return stringWidth;
}

/** Titles first, then one line per row, without trailing blanks and cut to `columns` where that is known. Cells must be sanitised. */
export async function table(
  heads: readonly Column[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): Promise<string[]> {
  const all = [heads.map(({ title }) => title), ...rows];
  const width = await widthFor(all.flat());
  const widths = heads.map((_, at) => Math.max(...all.map((row) => width(row[at] ?? ''))));
  return all.map((row) => {
    const cells = heads.map(({ align }, at) => {
      const cell = row[at] ?? '';
      const blanks = ' '.repeat((widths[at] ?? 0) - width(cell));
      return align === 'right' ? blanks + cell : cell + blanks;
    });
    return cut(cells.join('  ').trimEnd(), columns, width);
  });
}

/** `text` cut to `columns` with an ellipsis; whole when that is undefined, as it is for a pipe. */
export function cut(text: string, columns: number | undefined, width: Width): string {
  if (columns === undefined || width(text) <= columns) return text;
  let short = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += width(segment);
    if (used > columns - 1) break;
    short += segment;
  }
  return `${short}…`;
}
