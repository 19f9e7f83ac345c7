/** Reads the `out` file of one agent process from the last byte read on, and turns it into events with the engine's own reader. */
import { open } from 'node:fs/promises';
import type { Reader } from '../../agents/engine.ts';
import type { AgentEvent } from '../../loop/agent-event.ts';

/** One read; a transcript of hours is some 100 MB and must not be held at once. */
const CHUNK_BYTES = 1024 * 1024;

export interface Transcript {
  /** What was written since the last call; a line that is not finished stays for the next one. */
  events(): AsyncGenerator<AgentEvent>;
  /** The process is gone: the unfinished line and what only the exit code reveals. Once. */
  rest(code: number | null): AgentEvent[];
}

export function transcript(file: string, reader: Reader): Transcript {
  const bytes = follow(file);
  let unfinished: Buffer = Buffer.alloc(0);
  return {
    async *events() {
      for await (const chunk of bytes()) {
        // Split by hand: Node's readline also splits at U+2028, which JSON strings may hold.
        const all = unfinished.length === 0 ? chunk : Buffer.concat([unfinished, chunk]);
        let from = 0;
        for (let end = all.indexOf(10); end !== -1; end = all.indexOf(10, from)) {
          yield* reader.read(all.toString('utf8', from, end));
          from = end + 1;
        }
        unfinished = all.subarray(from);
      }
    },
    rest(code) {
      const last = unfinished.length === 0 ? [] : reader.read(unfinished.toString('utf8'));
      unfinished = Buffer.alloc(0);
      return [...last, ...reader.end(code)];
    },
  };
}

/** The bytes appended to `file` since the last call; nothing while it does not exist. */
export function follow(file: string): () => AsyncGenerator<Buffer> {
  let offset = 0;
  return async function* () {
    await using handle = await openIfThere(file);
    if (handle === null) return;
    while (true) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
      if (bytesRead === 0) return;
      offset += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  };
}

async function openIfThere(file: string) {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
