/** At most so many jobs at once, in the order of asking. With a width of one: a mutex. It knows nothing of git. */
export class Queue {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(width: number) {
    this.#free = width;
  }

  /** Runs `job` when it is its turn; its result or error is the caller's. A job must not wait for the queue it runs in. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((turn) => this.#waiting.push(turn));
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/** One queue a name, for as long as the process lives: two openings of one repository must share it. */
export class Queues {
  readonly #queues = new Map<string, Queue>();

  get(name: string): Queue {
    const queue = this.#queues.get(name) ?? new Queue(1);
    this.#queues.set(name, queue);
    return queue;
  }
}
