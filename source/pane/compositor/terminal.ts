/**
 * The terminal as something borrowed: taken (alternate screen, no cursor, bracketed paste) and given back exactly once for each time it
 * was taken. Giving it back is synchronous, so that it also works while the process is dying; who decides when is in exits.ts.
 */
import { writeSync } from 'node:fs';
import { sanitize } from '../../loop/text.ts';
import { openUnblocked, type Sink, streamSink, threadSink, unblockedSink } from './writer.ts';

/** What is drawn on: process.stdout, or an object that stands for it in a test. */
export interface Output {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  readonly isTTY?: boolean | undefined;
  /** The descriptor of a real one. */
  readonly fd?: number | undefined;
  write(text: string, done?: () => void): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** What is read from: process.stdin, or an object that stands for it in a test. */
export interface Input extends NodeJS.ReadableStream {
  readonly isTTY?: boolean | undefined;
  readonly fd?: number | undefined;
  setRawMode?(raw: boolean): unknown;
}

/** No autowrap (?7): a glyph that a terminal takes for wider than we do must not push the line into the next one. */
const TAKE = '\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?7l\x1b[0m\x1b[H\x1b[2J';
/** Begins with ST, which ends whatever sequence a half-sent frame may have stopped in. */
const GIVE_BACK = '\x1b\\\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?1000l\x1b[?2004l\x1b[?25h\x1b[?1049l';

/** A size that no real screen has, so that a terminal that lies can not make us allocate gigabytes. In cells. */
const MAX_COLUMNS = 1000;
const MAX_ROWS = 500;

/** How long a dying process waits for a terminal that does not read, in ms. */
const LAST_WORDS_MS = 200;

const MAX_TITLE_LENGTH = 100;

/** A screen's size in cells, within 1 to 1000 by 1 to 500; what a terminal does not know (0) is 80 by 24. */
export function sizeOf(output: Output): { readonly columns: number; readonly rows: number } {
  return {
    columns: Math.min(MAX_COLUMNS, Math.max(1, Math.trunc(output.columns || 80))),
    rows: Math.min(MAX_ROWS, Math.max(1, Math.trunc(output.rows || 24))),
  };
}

/** The sequence that sets the window's title to a text of any origin. */
export function titleSequence(text: string): string {
  return `\x1b]2;${sanitize(text).slice(0, MAX_TITLE_LENGTH).toWellFormed()}\x1b\\`;
}

/** The terminal of one mounted pane. */
export class Terminal {
  /** Where frames go. */
  readonly sink: Sink;
  readonly #output: Output;
  readonly #input: Input;
  readonly #own: { readonly fd: number; close(): void } | null;
  #taken = false;
  #closed = false;
  #titled = false;
  #wasRaw = false;

  constructor(input: Input, output: Output) {
    this.#input = input;
    this.#output = output;
    this.#own = output.fd === undefined ? null : openUnblocked(output.fd);
    if (this.#own) this.sink = unblockedSink(this.#own.fd);
    else if (output.fd === undefined) this.sink = streamSink(output);
    else this.sink = threadSink(output.fd);
  }

  /** True when this is a terminal of the process and not an object that stands for one. */
  get real(): boolean {
    return this.#output.fd !== undefined && this.#output.isTTY === true;
  }

  /** True between `take` and `giveBack`. */
  get taken(): boolean {
    return this.#taken;
  }

  /** Takes the terminal; nothing when it is taken, or closed. Raw mode comes back if it was on when the terminal was last given back. */
  take(): void {
    if (this.#taken || this.#closed) return;
    this.#taken = true;
    if (this.#wasRaw) this.#input.setRawMode?.(true);
    this.#say(TAKE);
  }

  /** Gives the terminal back as it was; nothing when it is not taken. Never throws, and takes 0.2 s at most. */
  giveBack(): void {
    if (!this.#taken) return;
    this.#taken = false;
    // The title goes back to what it was through xterm's title stack; terminals without one ignore the sequence.
    this.#say(GIVE_BACK + (this.#titled ? '\x1b[23;2t' : ''));
    this.#titled = false;
    this.#wasRaw = isRaw(this.#input);
    try {
      this.#input.setRawMode?.(false);
    } catch {
      // The terminal is gone, and its mode with it.
    }
  }

  /** The sequence for a title, which saves the one before on first use. */
  title(text: string): string {
    const save = this.#titled ? '' : '\x1b[22;2t';
    this.#titled = true;
    return save + titleSequence(text);
  }

  /** Gives the terminal back and lets go of it for good. */
  close(): void {
    if (this.#closed) return;
    this.giveBack();
    this.#closed = true;
    this.#own?.close();
  }

  #say(text: string): void {
    const fd = this.#own?.fd ?? this.#output.fd;
    if (fd === undefined) this.#output.write(text);
    else sayNow(fd, text);
  }
}

/** Writes all of a text before it returns, or gives up: on a terminal that is gone, or that takes nothing for 0.2 s. */
function sayNow(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  const giveUpAt = performance.now() + LAST_WORDS_MS;
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(fd, bytes, offset);
    } catch (error) {
      const full = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (!full || performance.now() > giveUpAt) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function isRaw(input: Input): boolean {
  return 'isRaw' in input && input.isRaw === true;
}
