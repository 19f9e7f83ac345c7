/** Bytes in, whole lines out: the framing of both directions, bounded, and safe for characters that are cut by a chunk's end. */

/** A line is longer than the reader allows. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

/** @param limit longest line in bytes */
export function lineReader(limit: number): (chunk: Buffer) => string[] {
  let parts: Buffer[] = [];
  let length = 0;
  return (chunk) => {
    const lines: string[] = [];
    let from = 0;
    for (let newline = chunk.indexOf(0x0a); newline >= 0; newline = chunk.indexOf(0x0a, from)) {
      parts.push(chunk.subarray(from, newline));
      if (length + newline - from > limit) throw new LineTooLong(`a line is longer than ${limit} bytes`);
      lines.push(Buffer.concat(parts).toString('utf8'));
      parts = [];
      length = 0;
      from = newline + 1;
    }
    if (from < chunk.length) {
      parts.push(chunk.subarray(from));
      length += chunk.length - from;
      if (length > limit) throw new LineTooLong(`a line is longer than ${limit} bytes`);
    }
    return lines;
  };
}
