/** When to paint: ten times a second while things change, at once when a key was pressed, and never more than thirty times a second. */

/** Frames a second: while things merely change, and at the very most. */
export interface Rates {
  readonly ambient: number;
  /** More than 2. */
  readonly most: number;
}

const RATES: Rates = { ambient: 10, most: 30 };
/** What changes this long after a key is taken for its answer, in ms. */
const ANSWER_MS = 100;
/** Frames that may follow each other at once; the steady rate is lower by as many, so that no second ever sees more than the most. */
const BURST = 2;

/** Calls `paint` at the right times. */
export class PaintClock {
  readonly #paint: () => void;
  readonly #ambientMs: number;
  readonly #steadyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  /** When the timer fires. */
  #dueMs = Number.POSITIVE_INFINITY;
  #dirty = false;
  #lastMs = Number.NEGATIVE_INFINITY;
  #answerUntilMs = Number.NEGATIVE_INFINITY;
  /** When the frames so far would be used up at the steady rate: more than a burst ahead of now means wait. */
  #spentUntilMs = Number.NEGATIVE_INFINITY;

  constructor(paint: () => void, rates: Rates = RATES) {
    this.#paint = paint;
    this.#ambientMs = 1000 / rates.ambient;
    this.#steadyMs = 1000 / (rates.most - BURST);
  }

  /** Something changed. */
  invalidate(): void {
    this.#dirty = true;
    const now = performance.now();
    if (now < this.#answerUntilMs) this.now();
    else this.#at(Math.max(this.#lastMs + this.#ambientMs, this.#allowedAt()), now);
  }

  /** A key was pressed. */
  key(): void {
    this.#answerUntilMs = performance.now() + ANSWER_MS;
    if (this.#dirty) this.now();
  }

  /** Paint as soon as the thirty frames a second allow, and after what runs now has run. */
  now(): void {
    this.#dirty = true;
    const now = performance.now();
    const allowed = this.#allowedAt();
    if (allowed > now) {
      this.#at(allowed, now);
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#immediate ??= setImmediate(() => this.#fire());
  }

  /** Paints nothing more until something changes again. */
  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#dirty = false;
  }

  #allowedAt(): number {
    return this.#spentUntilMs - (BURST - 1) * this.#steadyMs;
  }

  #at(dueMs: number, nowMs: number): void {
    if (this.#immediate !== undefined || (this.#timer !== undefined && this.#dueMs <= dueMs)) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, dueMs - nowMs));
  }

  #fire(): void {
    this.stop();
    const now = performance.now();
    this.#lastMs = now;
    this.#spentUntilMs = Math.max(this.#spentUntilMs, now) + this.#steadyMs;
    this.#paint();
  }
}
