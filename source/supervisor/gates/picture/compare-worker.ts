/** The worker thread that decodes and compares two pictures, so that neither a large nor a hostile one holds up the supervisor. */
import { parentPort, workerData } from 'node:worker_threads';
import { compare } from './compare.ts';
import type { Asked, Told } from './compare-apart.ts';
import { decode, encode, NoPicture, type Picture } from './png.ts';

function tell({ actual, reference, likeness }: Asked): Told {
  const wanted = pictureIn(reference);
  if (typeof wanted === 'string') return { reference: wanted };
  const shown = pictureIn(actual);
  if (typeof shown === 'string') return { actual: shown };
  const { diff, ...comparison } = compare(shown, wanted, likeness);
  return { comparison, diff: encode(diff) };
}

function pictureIn(bytes: Uint8Array): Picture | string {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof NoPicture) return error.message;
    throw error;
  }
}

// What it throws reaches the other side as the worker's error.
parentPort?.postMessage(tell(workerData as Asked));
