/** Reads the end of what a gate printed: for the fingerprint as much as is useful, for people and prompts the last lines. */
import { open } from 'node:fs/promises';

/** A test runner sums up at the end; a megabyte of it is more than any summary. */
const READ_BYTES = 1024 * 1024;
/** What the journal, the pane and the next prompt get of it. */
const TAIL_CHARACTERS = 4000;

/** The last megabyte of the file as text, beginning with a whole line; empty when the file is. */
export async function readEnd(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const from = Math.max(0, size - READ_BYTES);
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
  const text = buffer.toString('utf8', 0, bytesRead);
  return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
}

/** The last whole lines of `text`, at most 4,000 characters (of a longer last line: its end). */
export function tailOf(text: string): string {
  const end = text.trimEnd();
  if (end.length <= TAIL_CHARACTERS) return end;
  const cut = end.slice(-TAIL_CHARACTERS);
  const firstLine = cut.indexOf('\n') + 1;
  return cut.slice(firstLine).toWellFormed();
}
