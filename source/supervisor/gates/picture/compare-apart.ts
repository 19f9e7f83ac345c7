/** Compares two PNGs in a worker thread of their own, with a limit on its time. */
import { Worker } from 'node:worker_threads';
import type { Likeness } from '../../../loop/definition/gates.ts';
import type { Comparison } from './compare.ts';

export interface Asked {
  readonly actual: Uint8Array;
  readonly reference: Uint8Array;
  readonly likeness: Likeness;
}

/** The comparison, or what is wrong with one of the two, in words that go on from its name. */
export type Told =
  | { readonly comparison: Omit<Comparison, 'diff'>; readonly diff: Uint8Array }
  | { readonly reference: string }
  | { readonly actual: string };

/** The largest pictures take about 15 s of a core. */
const LONGEST_MS = 120_000;

/** Rejects when the worker fails, takes longer than two minutes, or `signal` aborts. */
export async function compareApart(asked: Asked, signal: AbortSignal | undefined): Promise<Told> {
  signal?.throwIfAborted();
  const file = import.meta.url.endsWith('.ts') ? './compare-worker.ts' : './compare-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: asked });
  const limit = AbortSignal.timeout(LONGEST_MS);
  const over = signal ? AbortSignal.any([signal, limit]) : limit;
  try {
    return await new Promise<Told>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the comparison ended without a result')));
      over.addEventListener('abort', () => reject(over.reason), { once: true });
    });
  } finally {
    await worker.terminate();
  }
}
