/** A terminal to draw on in tests: xterm without a window, behind the output that `mount` and the writer expect. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import unicode11 from '@xterm/addon-unicode11';
import headless from '@xterm/headless';

export class Screen extends EventEmitter {
  readonly isTTY = true;
  readonly terminal: headless.Terminal;
  columns: number;
  rows: number;
  /** All that was written, in order. */
  written = '';
  readonly #held: (() => void)[] = [];
  #stalled = false;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
    // With no scrollback, or when it wraps lines anew, xterm 6 can lose rows on a resize and throw at the next write.
    this.terminal = new headless.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      scrollback: 100,
      windowsPty: { backend: 'conpty', buildNumber: 1 },
    });
    this.terminal.loadAddon(new unicode11.Unicode11Addon());
    this.terminal.unicode.activeVersion = '11';
  }

  write(text: string, done?: () => void): boolean {
    const take = () => {
      this.written += text;
      this.terminal.write(text, done);
    };
    if (this.#stalled) this.#held.push(take);
    else take();
    return true;
  }

  /** The terminal reads nothing from now on. */
  stall(): void {
    this.#stalled = true;
  }

  /** The terminal reads again, first what waited. */
  drain(): void {
    this.#stalled = false;
    for (const take of this.#held.splice(0)) take();
  }

  /** The window changes; the program hears of it later, when `tell` is called. */
  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows);
    this.columns = columns;
    this.rows = rows;
  }

  tell(): void {
    this.emit('resize');
  }

  /** What is on the screen, a string a row, trailing blanks left out. */
  lines(): string[] {
    const buffer = this.terminal.buffer.active;
    return Array.from(
      { length: this.terminal.rows },
      (_, y) =>
        buffer
          .getLine(buffer.baseY + y)
          ?.translateToString()
          .trimEnd() ?? '',
    );
  }

  /** Every cell with its looks: what two screens must agree on to look the same. */
  picture(): string[] {
    const buffer = this.terminal.buffer.active;
    return Array.from({ length: this.terminal.rows }, (_, y) =>
      Array.from({ length: this.terminal.cols }, (_, x) => {
        const cell = buffer.getLine(buffer.baseY + y)?.getCell(x);
        if (!cell) return '?';
        const looks = [
          cell.getFgColor(),
          cell.getBgColor(),
          cell.isBold(),
          cell.isDim(),
          cell.isInverse(),
          cell.isUnderline(),
        ];
        return `${cell.getWidth() === 0 ? '' : cell.getChars() || ' '}/${looks.join()}`;
      }).join('|'),
    );
  }

  /** Resolves when all that was written so far is on the screen. */
  async settled(): Promise<void> {
    await new Promise<void>((resolve) => this.terminal.write('', resolve));
  }
}

/** Keys for `mount`: type with `write`. */
export class Keyboard extends PassThrough {
  readonly isTTY = true;
  raw = false;

  setRawMode(raw: boolean): this {
    this.raw = raw;
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** Resolves when `holds` does; rejects after `limitMs`, saying what was seen last. */
export async function until(holds: () => boolean, seen: () => unknown = () => '', limitMs = 10_000): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > giveUpAt)
      throw new Error(`not within ${limitMs} ms; seen last: ${JSON.stringify(seen(), null, 1)}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
