/**
 * Reads a growing file as lines, from a byte offset on. A line ends at a line feed and nowhere else: `readline` also splits
 * at U+2028, which agents print inside JSON. It gives no meaning to what it reads.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { nextBeat } from './beat.ts';
import { watchChanges } from './process/changes.ts';

const LINE_FEED = 0x0a;
/** Longer lines are cut here: one without an end once made a string too long for the engine. */
const LINE_LIMIT_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

export interface Line {
  /** Without its line feed; bytes that are not UTF-8 are U+FFFD. */
  readonly text: string;
  /** Offset in the file just behind it, its line feed included: where to go on after a restart. */
  readonly end: number;
  /** It was longer than 1 MiB: `text` is its beginning. */
  readonly cut: boolean;
}

/** The lines of one read, at least one. */
export type Batch = readonly Line[];

export interface Tail extends AsyncIterable<Batch> {
  /** Nobody writes any more: read to the end of the file, with a last line that has no line feed, and finish. */
  drain(): void;
}

/**
 * Complete lines of `file` behind byte `from`, as they are written. The file may not exist yet. Finishes after `drain`, and
 * at once when `signal` is aborted. To be iterated once.
 *
 * The first line after a silence comes at once, those of a stream at the common beat of all readers, 50 ms.
 * Reads are synchronous: 64 KiB of a local file take some 10 µs, a tenth of a trip through the thread pool.
 */
export function tail(file: string, from: number, signal: AbortSignal): Tail {
  const state = { draining: false, wake: () => {} };
  return {
    drain: () => {
      state.draining = true;
      state.wake();
    },
    [Symbol.asyncIterator]: () => read(file, from, signal, state),
  };
}

async function* read(
  file: string,
  from: number,
  signal: AbortSignal,
  state: { draining: boolean; wake: () => void },
): AsyncGenerator<Batch, void, void> {
  using changes = watchChanges(file);
  state.wake = changes.wake;
  signal.addEventListener('abort', changes.wake, { once: true });
  const splitter = new Splitter(from);
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let handle: number | null = null;
  let position = from;
  try {
    while (!signal.aborted) {
      handle ??= openIfThere(file);
      const length = handle === null ? 0 : readSync(handle, chunk, 0, CHUNK_BYTES, position);
      position += length;
      const lines = splitter.take(chunk.subarray(0, length));
      if (lines.length > 0) yield lines;
      // A flood must not keep keys and timers waiting.
      if (length === CHUNK_BYTES) await turn();
      else if (length > 0) await (state.draining ? turn() : nextBeat());
      else if (state.draining) break;
      else await changes.next();
    }
    const last = signal.aborted ? null : splitter.rest();
    if (last !== null) yield [last];
  } finally {
    signal.removeEventListener('abort', changes.wake);
    if (handle !== null) closeSync(handle);
  }
}

/** Bytes in, complete lines out; keeps at most 1 MiB of the line that is not yet complete. */
class Splitter {
  #position: number;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #cut = false;

  constructor(position: number) {
    this.#position = position;
  }

  /** `bytes` is copied where it is kept. */
  take(bytes: Buffer): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, start)) {
      this.#position += at + 1 - start;
      // Nearly every line: whole within one read.
      if (this.#keptBytes === 0)
        lines.push({ text: bytes.toString('utf8', start, at), end: this.#position, cut: false });
      else {
        this.#keep(bytes.subarray(start, at));
        lines.push(this.#line());
      }
      start = at + 1;
    }
    if (start < bytes.length) {
      this.#keep(Buffer.from(bytes.subarray(start)));
      this.#position += bytes.length - start;
    }
    return lines;
  }

  /** The line that has no line feed; null when there is none. */
  rest(): Line | null {
    return this.#keptBytes > 0 ? this.#line() : null;
  }

  #keep(bytes: Buffer): void {
    const kept = bytes.subarray(0, LINE_LIMIT_BYTES - this.#keptBytes);
    if (kept.length < bytes.length) this.#cut = true;
    if (kept.length === 0) return;
    this.#kept.push(kept);
    this.#keptBytes += kept.length;
  }

  #line(): Line {
    const text = Buffer.concat(this.#kept, this.#keptBytes).toString('utf8');
    const line = { text, end: this.#position, cut: this.#cut };
    this.#kept = [];
    this.#keptBytes = 0;
    this.#cut = false;
    return line;
  }
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
