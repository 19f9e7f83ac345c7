/**
 * Estimates tokens for engines that report none: o200k_base in a worker thread, which is started with the first text
 * (its tables take 0.3 s and 67 MB). No vendor's own tokenizer for most of them, hence always shown as an estimate.
 */
import { Worker } from 'node:worker_threads';

export interface Estimator {
  /** Tokens of `text`, 0 or more; within 250 ms when little else is asked. Rejects when the worker cannot run. */
  count(text: string): Promise<number>;
  /** Answers what was asked, then ends the worker. */
  close(): Promise<void>;
}

/** Text counted in small pieces counts too high: 80 character lines by 5 %, 4 KiB by 0.1 %. */
const BATCH_CHARACTERS = 4096;
const BATCH_MS = 250;

interface Question {
  readonly text: string;
  readonly resolve: (tokens: number) => void;
  readonly reject: (error: Error) => void;
}

export function createEstimator(): Estimator {
  let worker: Worker | null = null;
  let waiting: Question[] = [];
  let characters = 0;
  let timer: NodeJS.Timeout | null = null;
  /** Batches at the worker, oldest first; it answers in order. */
  const asked: Question[][] = [];
  let idle: (() => void) | null = null;
  let failure: Error | null = null;

  function fail(error: Error) {
    failure = error;
    for (const question of [...asked.splice(0).flat(), ...waiting.splice(0)]) question.reject(error);
    idle?.();
  }

  function start(): Worker {
    const file = import.meta.url.endsWith('.ts') ? './estimate-worker.ts' : './estimate-worker.js';
    const fresh = new Worker(new URL(file, import.meta.url));
    fresh.on('message', (tokens: number) => {
      share(tokens, asked.shift() ?? []);
      if (asked.length === 0) idle?.();
    });
    fresh.on('error', fail);
    fresh.unref();
    return fresh;
  }

  function flush() {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waiting.length === 0) return;
    worker ??= start();
    worker.postMessage(waiting.map((question) => question.text).join('\n'));
    asked.push(waiting);
    waiting = [];
    characters = 0;
  }

  return {
    count(text) {
      if (failure !== null) return Promise.reject(failure);
      if (text === '') return Promise.resolve(0);
      return new Promise((resolve, reject) => {
        waiting.push({ text, resolve, reject });
        characters += text.length;
        if (characters >= BATCH_CHARACTERS) flush();
        else timer ??= setTimeout(flush, BATCH_MS);
      });
    },

    async close() {
      flush();
      if (asked.length > 0) {
        worker?.ref();
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
      failure ??= new Error('the estimator is closed');
      await worker?.terminate();
    },
  };
}

/** Gives each text of a batch its share by length; the shares add up to the whole. */
function share(tokens: number, batch: readonly Question[]) {
  const total = batch.reduce((sum, { text }) => sum + text.length, 0);
  let before = 0;
  let given = 0;
  for (const { text, resolve } of batch) {
    before += text.length;
    const upTo = Math.round((tokens * before) / total);
    resolve(upTo - given);
    given = upTo;
  }
}
