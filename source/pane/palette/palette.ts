/** The palette as it stands: what is typed in it, which offer the cursor is on, and how far back in what was said before. */
import { type Entry, entry } from '../dialogs/entry.ts';

export interface Palette {
  readonly entry: Entry;
  /** Index into the offers. */
  readonly choice: number;
  /** How many of the lines before were gone back; 0 for what is being typed. */
  readonly back: number;
  /** What was being typed when the going back began. */
  readonly draft: string;
}

export const openPalette = (text = ''): Palette => ({ entry: entry(text), choice: 0, back: 0, draft: '' });

/** Lines kept. */
const KEPT = 50;

/** The lines said so far with one more, the newest last and none twice. */
export const remembered = (past: readonly string[], line: string): readonly string[] => [
  ...past.filter((each) => each !== line).slice(1 - KEPT),
  line,
];
