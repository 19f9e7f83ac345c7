/** The bytes that turn the screen as the terminal has it into the screen as it should be. */
import type { Cells } from './cells.ts';
import type { Styles } from './style.ts';
import { settledWidth } from './width.ts';

/** Unchanged cells between two changed ones that are cheaper to send again than to jump over: a jump is 6 to 9 bytes. */
const MAX_GAP = 4;

/**
 * The bytes from `before` to `after`, '' when nothing changed; all of `after` when `before` is null. Never clears the screen: inside a
 * synchronised update tmux 3.7a loses what follows an erase (tmux#5340). Every changed run begins with an absolute cursor move, and so
 * does what follows a glyph on whose width terminals disagree: a wrong width spoils that glyph and never the line.
 */
export function diff(before: Cells | null, after: Cells, styles: Styles): string {
  const run = new Run(after, styles);
  for (let y = 0; y < after.height; y++) {
    let x = 0;
    while (x < after.width) {
      if (!differs(before, after, y * after.width + x)) {
        x++;
        continue;
      }
      const start = startOfGlyph(before, after, x, y);
      const end = endOfRun(before, after, start, x, y);
      run.write(start, end, y);
      x = end;
    }
  }
  return run.bytes === '' ? '' : `\x1b[0m${run.bytes}${run.style === 0 ? '' : '\x1b[0m'}`;
}

function differs(before: Cells | null, after: Cells, at: number): boolean {
  return before === null || before.glyphs[at] !== after.glyphs[at] || before.styles[at] !== after.styles[at];
}

const isCovered = (before: Cells | null, after: Cells, at: number) =>
  after.glyphs[at] === '' || before?.glyphs[at] === '';

/** A run must begin where both screens begin a glyph. */
function startOfGlyph(before: Cells | null, after: Cells, x: number, y: number): number {
  const row = y * after.width;
  let start = x;
  while (start > 0 && isCovered(before, after, row + start)) start--;
  return start;
}

/** The column after the last changed cell of the run that begins at `start` and has a changed cell at `x`, small gaps included. */
function endOfRun(before: Cells | null, after: Cells, start: number, x: number, y: number): number {
  const row = y * after.width;
  let end = start;
  // A terminal may draw an unsettled glyph over cells to its right: those up to here are sent again.
  let reach = x + 1;
  for (let at = start; at < after.width && at - end <= MAX_GAP; at++) {
    const glyphReach = reachOf(after.glyphs[row + at] ?? ' ');
    const belongs =
      at < reach || differs(before, after, row + at) || (at === end && isCovered(before, after, row + at));
    if (belongs) {
      end = at + 1;
      reach = Math.max(reach, at + glyphReach);
    } else if (glyphReach > 0) break;
  }
  return end;
}

/** Columns that a terminal may take for a glyph: at most two for each code point; 0 when there is no doubt. */
function reachOf(glyph: string): number {
  return isSettled(glyph) ? 0 : 2 * glyph.length;
}

/** Whether terminals agree on a glyph's width, or there is none. */
function isSettled(glyph: string): boolean {
  return glyph === '' || settledWidth(glyph) !== undefined;
}

/** Collects bytes and keeps track of the style that is on. */
class Run {
  bytes = '';
  style = 0;
  readonly #cells: Cells;
  readonly #styles: Styles;

  constructor(cells: Cells, styles: Styles) {
    this.#cells = cells;
    this.#styles = styles;
  }

  write(start: number, end: number, y: number): void {
    const { glyphs, styles, width } = this.#cells;
    this.#move(start, y);
    for (let x = start; x < end; x++) {
      const at = y * width + x;
      const glyph = glyphs[at] ?? ' ';
      if (glyph === '') continue;
      const style = styles[at] ?? 0;
      if (style !== this.style) {
        this.style = style;
        this.bytes += this.#styles.sequence(style);
      }
      if (isSettled(glyph)) {
        this.bytes += glyph;
        continue;
      }
      let next = x + 1;
      while (next < width && glyphs[y * width + next] === '') next++;
      if (next - x > 1 || next === width) {
        // Blanks first: a terminal that takes fewer columns than we do would leave old cells standing, and one that takes more
        // for a glyph in the last column draws nothing there at all.
        this.bytes += ' '.repeat(next - x);
        this.#move(x, y);
      }
      this.bytes += glyph;
      if (next < end) this.#move(next, y);
    }
  }

  #move(x: number, y: number): void {
    this.bytes += `\x1b[${y + 1};${x + 1}H`;
  }
}
