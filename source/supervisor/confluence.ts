/** Many async sources, which may join late, read as one. It keeps at most one value of each: who is faster than the reader waits. */

export class Confluence<T> implements AsyncIterable<T> {
  #waiting: { readonly value: T; readonly taken: () => void }[] = [];
  #open = 0;
  #stopped = false;
  #failure: { readonly cause: unknown } | null = null;
  #wake: () => void = () => {};

  /** Reads `source` too. The whole ends with the last source, so a source that adds others must do so before it ends. */
  add(source: AsyncIterable<T>): void {
    this.#open++;
    this.#pump(source).then(
      () => this.#left(),
      (cause: unknown) => {
        this.#failure ??= { cause };
        this.#left();
      },
    );
  }

  /** To be iterated once. Throws what a source threw, when what came before it was read. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    try {
      for (;;) {
        const next = this.#waiting.shift();
        if (next !== undefined) {
          yield next.value;
          next.taken();
        } else if (this.#failure !== null) throw this.#failure.cause;
        else if (this.#open === 0) return;
        else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.#stopped = true;
      for (const { taken } of this.#waiting) taken();
    }
  }

  async #pump(source: AsyncIterable<T>): Promise<void> {
    for await (const value of source) {
      if (this.#stopped) return;
      await new Promise<void>((taken) => {
        this.#waiting.push({ value, taken });
        this.#wake();
      });
    }
  }

  #left(): void {
    this.#open--;
    this.#wake();
  }
}
