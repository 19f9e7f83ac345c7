/** A timeout whose clock can be held: a frozen gate is not a slow gate. Monotonic, so that a changed wall clock does not end it. */

/** Longer timers fire at once in Node. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Countdown {
  /** Resolves when the time is up, never after `stop`. */
  readonly over: Promise<void>;
  readonly #limitMs: number;
  readonly #ring: () => void;
  #spentMs = 0;
  #since: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #state: 'new' | 'running' | 'held' | 'stopped' = 'new';
  #holdAtStart = false;

  constructor(limitMs: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#ring = resolve;
    this.#limitMs = limitMs;
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'held';
    if (!this.#holdAtStart) this.release();
  }

  hold(): void {
    this.#holdAtStart = true;
    if (this.#state !== 'running') return;
    this.#pause();
    this.#state = 'held';
  }

  release(): void {
    this.#holdAtStart = false;
    if (this.#state !== 'held') return;
    this.#state = 'running';
    this.#since = performance.now();
    this.#arm();
  }

  /** Ends it and returns the milliseconds that it ran, without those on hold. */
  stop(): number {
    this.#pause();
    this.#state = 'stopped';
    return Math.round(this.#spentMs);
  }

  #pause(): void {
    clearTimeout(this.#timer);
    if (this.#since !== null) this.#spentMs += performance.now() - this.#since;
    this.#since = null;
  }

  #arm(): void {
    const left = this.#limitMs - this.#spentMs - (performance.now() - (this.#since ?? performance.now()));
    if (left <= 0) this.#ring();
    else this.#timer = setTimeout(() => this.#arm(), Math.min(Math.ceil(left), LONGEST_TIMER_MS));
  }
}
