/** Lines of a pipe, for bridges: split at line feeds only, bounded in memory. */

import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A message of 409 kB was seen; what is longer than this is nobody's protocol and is left out. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Calls `take` for each complete line, and `end` once when no more come. A line beyond 64 Mi characters is dropped. */
export function eachLine(input: Readable, take: (line: string) => void, end: () => void = () => undefined): void {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let length = 0;
  let dropping = false;

  const keep = (piece: string): void => {
    length += piece.length;
    if (length > LONGEST_LINE) {
      dropping = true;
      parts = [];
    } else if (!dropping) parts.push(piece);
  };

  input.on('data', (chunk: Buffer) => {
    const text = decoder.write(chunk);
    let start = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', start)) {
      keep(text.slice(start, at));
      const line = dropping ? null : parts.join('');
      parts = [];
      length = 0;
      dropping = false;
      start = at + 1;
      if (line !== null) take(line);
    }
    if (start < text.length) keep(text.slice(start));
  });
  input.on('end', end);
  // A pipe that breaks has ended.
  input.on('error', end);
}
