/**
 * The way of bytes to the terminal: one frame in flight and none waiting, so that a terminal which stops reading costs dropped frames
 * and nothing else (`process.stdout.write` stopped the event loop for 5.9 s in a 6 s stall). What is on the screen is not known here.
 */
import { closeSync, constants, openSync, write, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Takes bytes from `offset` on and says, now or later, how many it took or why it took none. */
export type Sink = (
  bytes: Uint8Array,
  offset: number,
  done: (error: NodeJS.ErrnoException | null, taken: number) => void,
) => void;

/** Waits between two tries at a terminal that is full, in ms: short at first, then longer, so that a stalled one costs nothing. */
const FIRST_RETRY_MS = 4;
const LAST_RETRY_MS = 64;

/** Sends frames, one at a time. */
export class Writer {
  /** Called when a frame has left and the next may be sent. */
  onIdle: () => void = () => {};
  /** Called once when the terminal is gone for good (EIO, EPIPE and whatever else is not EAGAIN). */
  onGone: (error: Error) => void = () => {};
  readonly #sink: Sink;
  readonly #waiting: (() => void)[] = [];
  #busy = false;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** True while a frame is on its way; one that is painted meanwhile could only be dropped, so paint none. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Sends a frame. Throws when one is on its way; does nothing after `close`. */
  send(frame: string): void {
    if (this.#busy) throw new Error('a frame is still on its way');
    if (this.#closed) return;
    this.#busy = true;
    this.#push(Buffer.from(frame), 0, FIRST_RETRY_MS);
  }

  /** Resolves when nothing is on its way, or after `limitMs`; true when the frame has left. */
  async settled(limitMs: number): Promise<boolean> {
    if (!this.#busy) return true;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((resolve) => this.#waiting.push(resolve)),
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs);
      }),
    ]);
    clearTimeout(timer);
    return !this.#busy;
  }

  /** Sends nothing more, and gives up a frame that waits for a full terminal. */
  close(): void {
    this.#closed = true;
    if (this.#retry !== undefined) {
      clearTimeout(this.#retry);
      this.#retry = undefined;
      this.#finish();
    }
  }

  #push(bytes: Uint8Array, offset: number, retryMs: number): void {
    this.#sink(bytes, offset, (error, taken) => {
      if (this.#closed) return this.#finish();
      if (error?.code === 'EAGAIN') {
        this.#retry = setTimeout(() => {
          this.#retry = undefined;
          this.#push(bytes, offset, Math.min(retryMs * 2, LAST_RETRY_MS));
        }, retryMs);
        return;
      }
      if (error) {
        this.#closed = true;
        this.#finish();
        this.onGone(error);
        return;
      }
      const next = offset + taken;
      if (next < bytes.length) this.#push(bytes, next, FIRST_RETRY_MS);
      else {
        this.#finish();
        this.onIdle();
      }
    });
  }

  #finish(): void {
    this.#busy = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/**
 * Opens a terminal a second time, without blocking: a write then takes what fits and returns, so it can be made on the main thread and
 * is over when it returns; and the flag is ours alone, not the shell's. Null where it is no terminal or may not be opened again.
 */
export function openUnblocked(fd: number): { readonly fd: number; close(): void } | null {
  if (!isatty(fd) || process.platform === 'win32') return null;
  try {
    const own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    return { fd: own, close: () => closeSync(own) };
  } catch {
    // No /proc (macOS), or the terminal belongs to another user (su, sudo): the caller writes from a worker thread instead.
    return null;
  }
}

/** A sink over a descriptor that never blocks. */
export function unblockedSink(fd: number): Sink {
  return (bytes, offset, done) => {
    let taken = 0;
    try {
      taken = writeSync(fd, bytes, offset);
    } catch (error) {
      done(asErrno(error), 0);
      return;
    }
    done(null, taken);
  };
}

/** A sink over a descriptor that may block: it then holds one thread of libuv's pool, never the event loop. */
export function threadSink(fd: number): Sink {
  return (bytes, offset, done) => {
    write(fd, bytes, offset, bytes.length - offset, null, done);
  };
}

/** A sink over anything with a `write`, for terminals that are objects. */
export function streamSink(stream: { write(text: string, done: () => void): unknown }): Sink {
  return (bytes, offset, done) => {
    stream.write(Buffer.from(bytes).toString('utf8', offset), () => done(null, bytes.length - offset));
  };
}

function asErrno(error: unknown): NodeJS.ErrnoException {
  return error instanceof Error ? error : new Error(String(error));
}
