/** Reads a request's body whole: it must be understood before a byte of it is sent on. */
import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';

/** Providers take 32 MB at most (Anthropic; docs, request size). */
const LONGEST = 64 * 1024 * 1024;

/** The bytes; null when there are too many. Rejects when the client leaves before the end. */
export async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** The body without its compression (codex sends zstd to some providers); null for one that is not known or broken. */
export function decoded(body: Buffer, encoding: string | undefined): Buffer | null {
  const options = { maxOutputLength: LONGEST };
  try {
    switch (encoding?.trim().toLowerCase() || 'identity') {
      case 'identity':
        return body;
      case 'gzip':
        return gunzipSync(body, options);
      case 'deflate':
        return inflateSync(body, options);
      case 'br':
        return brotliDecompressSync(body, options);
      case 'zstd':
        return zstdDecompressSync(body, options);
      default:
        return null;
    }
  } catch {
    return null;
  }
}
