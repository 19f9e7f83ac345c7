/** Cuts a stream of bytes into whole server-sent events or whole JSON objects, wherever its chunks begin and end. Knows no provider. */

/** Takes the next bytes. `end`: there are no more, and what is left over is told as well. */
export interface Splitter {
  feed(chunk: Uint8Array): void;
  end(): void;
}

/** One event or object longer than this is given up on; the largest answers of providers are some MB. */
const LONGEST = 64 * 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/**
 * Tells each event with the blank line that ends it, as its bytes came. Lines end with LF, CR LF or CR (WHATWG, server-sent
 * events). The bytes told are the bytes fed, without a gap, whatever they are.
 */
export function splitEvents(told: (event: Buffer) => void): Splitter {
  const pieces = collector();
  /** Nothing stands on the line yet. */
  let lineIsEmpty = true;
  /** The last byte was a CR: an LF now belongs to it. */
  let afterCr = false;
  /** The blank line ended with a CR, and an LF may follow. */
  let ending = false;

  const tell = () => {
    ending = false;
    lineIsEmpty = true;
    const event = pieces.take();
    if (event.length > 0) told(event);
  };

  return {
    feed(chunk) {
      let from = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        if (ending) {
          // The LF of a CR LF is the last byte of the event; anything else is the first of the next one.
          const upTo = byte === LF ? at + 1 : at;
          pieces.add(chunk.subarray(from, upTo));
          from = upTo;
          tell();
          afterCr = false;
          if (byte === LF) continue;
        }
        if (byte === LF && afterCr) {
          afterCr = false;
          continue;
        }
        afterCr = byte === CR;
        if (byte !== LF && byte !== CR) lineIsEmpty = false;
        else if (!lineIsEmpty) lineIsEmpty = true;
        else if (byte === CR) ending = true;
        else {
          pieces.add(chunk.subarray(from, at + 1));
          from = at + 1;
          tell();
        }
      }
      pieces.add(chunk.subarray(from));
    },
    end: tell,
  };
}

/** The data of an event as text; empty when it has none. */
export function dataOf(event: Buffer): string {
  return event
    .toString('utf8')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(line.startsWith('data: ') ? 6 : 5))
    .join('\n');
}

/**
 * Tells each JSON object that stands alone or in an array: a whole answer, or the pieces of one that is streamed as an array.
 */
export function splitObjects(told: (object: Buffer) => void): Splitter {
  const pieces = collector();
  let depth = 0;
  let inText = false;
  let escaped = false;

  return {
    feed(chunk) {
      let from = depth > 0 ? 0 : -1;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        if (inText) {
          if (escaped) escaped = false;
          else if (byte === 0x5c) escaped = true;
          else if (byte === 0x22) inText = false;
        } else if (byte === 0x22) inText = depth > 0;
        else if (byte === 0x7b) {
          if (depth === 0) from = at;
          depth++;
        } else if (byte === 0x7d && depth > 0) {
          depth--;
          if (depth > 0) continue;
          pieces.add(chunk.subarray(Math.max(from, 0), at + 1));
          from = -1;
          told(pieces.take());
        }
      }
      if (depth > 0) pieces.add(chunk.subarray(Math.max(from, 0)));
    },
    end: () => void pieces.take(),
  };
}

function collector() {
  let parts: Uint8Array[] = [];
  let length = 0;
  return {
    add(part: Uint8Array) {
      // What is too long is dropped, not kept in memory: its bill then counts as unknown.
      if (part.length === 0 || length > LONGEST) return;
      parts.push(part);
      length += part.length;
    },
    take(): Buffer {
      const [only] = parts;
      const whole =
        parts.length === 1 && only
          ? Buffer.from(only.buffer, only.byteOffset, only.byteLength)
          : Buffer.concat(parts, length);
      parts = [];
      length = 0;
      return whole;
    },
  };
}
