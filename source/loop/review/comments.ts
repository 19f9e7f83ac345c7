/** Remarks of the operator on lines of a diff, and how they reach the maker: as one note that names each line. */

export interface Comment {
  readonly run: string;
  readonly path: string;
  /** Number of the line, from 1: after the change, or before it where the line was removed. */
  readonly line: number;
  readonly removed: boolean;
  /** The line itself. */
  readonly quote: string;
  readonly text: string;
}

/** A line so long says nothing more to the maker: it has the file. */
const LONGEST_QUOTE = 200;

/** The note that sends work back: what is said of all of it, then each remark under the line it is about, by file and line. */
export function noteOf(comments: readonly Comment[], words: string): string {
  const remarks = comments
    .toSorted((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1))
    .map(({ path, line, removed, quote, text }) => {
      const where = `${path}:${line}${removed ? ' (a line you removed)' : ''}`;
      return `${where}\n> ${quote.trim().slice(0, LONGEST_QUOTE)}\n${text.trim()}`;
    });
  return [words.trim(), ...remarks].filter((part) => part !== '').join('\n\n');
}
