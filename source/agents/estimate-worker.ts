/** The worker thread of estimate.ts: texts in, numbers of tokens out, in order. */
import { parentPort } from 'node:worker_threads';
import { get_encoding } from 'tiktoken';

const encoding = get_encoding('o200k_base');

/** Byte-pair merging takes time quadratic in the length of a word; agents do print 300 kB without a space. */
const LONG_WORD = /\S{512}/g;
const LONG_BLANK = /(\s)\1{255,}/g;

parentPort?.on('message', (text: string) => {
  const tame = text.replace(LONG_BLANK, (run) => run.slice(0, 256)).replace(LONG_WORD, '$& ');
  parentPort?.postMessage(encoding.encode_ordinary(tame).length);
});
