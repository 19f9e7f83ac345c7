/** The agent at the other end of an exchange: whether it still waits for the answer, and how long that is read on without it. */

/**
 * When the agent has left, the answer goes on being read so that its bill is known. Most have come to their end within this: 128k tokens
 * take half an hour, but a response of an agent has some hundred.
 */
export const READ_ON_MS = 120_000;

export class Client implements Disposable {
  readonly #left = new AbortController();
  readonly #givenUp = new AbortController();
  readonly #readOnMs: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(readOnMs: number) {
    this.#readOnMs = readOnMs;
  }

  /** Aborts when nobody waits for the answer any more: what was not sent yet is not sent. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  /** Aborts when nobody reads it for its bill any more either: the provider is hung up on. */
  get givenUp(): AbortSignal {
    return this.#givenUp.signal;
  }

  /** The agent has hung up, or is dead. */
  leave(): void {
    if (this.left.aborted) return;
    this.#left.abort(new Error('the client has left'));
    this.#timer = setTimeout(() => this.giveUp(), this.#readOnMs);
  }

  giveUp(): void {
    this.leave();
    this.#givenUp.abort(new Error('given up'));
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
