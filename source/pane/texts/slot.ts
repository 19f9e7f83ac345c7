/** A text as the pane keeps it: clean lines, bounded, with what is being done about it. */
import { reveal } from '../../loop/text.ts';

export interface TextSlot {
  /** What was wanted when it was last asked for. */
  readonly version: string;
  /** When that was, ms since 1970. */
  readonly at: number;
  readonly is: 'loading' | 'here' | 'failed';
  /** Of an earlier version while it is loading; why not, when it failed. */
  readonly lines: readonly string[];
}

/** More is for a pager: the end of the text says which. */
const MOST_LINES = 5000;
const MOST_CHARACTERS = 500_000;

/** The text's lines, made safe to show. `whole` says where the rest can be read. */
export function linesOf(text: string, whole: string): readonly string[] {
  const all = text.slice(0, MOST_CHARACTERS).trimEnd().split('\n');
  const lines = all.slice(0, MOST_LINES).map((line) => reveal(line.replace(/\r$/, '')));
  const cut = text.length > MOST_CHARACTERS || all.length > MOST_LINES;
  return cut ? [...lines, '', `… it goes on: ${whole}`] : lines;
}
