/** Rows as aligned columns for people; scripts use --json. */
import stringWidth from 'string-width';

export interface Column {
  readonly title: string;
  /** Numbers stand to the right, so that their digits line up. */
  readonly align?: 'left' | 'right';
}

/** Lines without trailing blanks: titles first, then one per row. Cells must be sanitised; short rows are filled up with blanks. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => stringWidth(row[at] ?? ''))));
  return all.map((row) =>
    columns
      .map(({ align }, at) => pad(row[at] ?? '', widths[at] ?? 0, align ?? 'left'))
      .join('  ')
      .trimEnd(),
  );
}

/** `text` filled with blanks to `width` columns of a terminal; longer text stays whole. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** `text` cut to `width` columns with an ellipsis; whole when `width` is undefined, as it is for a pipe. */
export function cut(text: string, width: number | undefined): string {
  if (width === undefined || stringWidth(text) <= width) return text;
  let short = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += stringWidth(segment);
    if (used > width - 1) break;
    short += segment;
  }
  return `${short}…`;
}
