/** Opens the event log of one repository, mending what a crash or a bad disk left of it. Whoever opens it holds the supervisor's lock. */
import { mkdir } from 'node:fs/promises';
import type { Stamped } from '../../loop/event.ts';
import { layBallast } from './ballast.ts';
import { growFile } from './growing-file.ts';
import { explain } from './journal-error.ts';
import { encodeHeader, type Snapshot } from './line.ts';
import { describe, mend } from './mend.ts';
import { type Recovered, recover } from './recover.ts';
import { createSegment, isClosed, loadSegments, nameOf, openSegment, pathOf, removeDrafts } from './segments.ts';
import { ballastIn, type Journal, write } from './writer.ts';

export { JournalError, JournalFull } from './journal-error.ts';
export type { Snapshot } from './line.ts';
export type { Journal } from './writer.ts';

/** Reading this much back takes about 60 ms (300 MB/s of JSON), and an editor still opens it. */
const SEGMENT_BYTES = 16 * 1024 * 1024;

export interface OpenedJournal {
  readonly journal: Journal;
  /** Where to begin folding; null for an empty fleet. */
  readonly snapshot: Snapshot | null;
  /** All events after the snapshot. */
  readonly tail: readonly Stamped[];
  /** What was cut or is damaged, in words for people; empty when all is well. */
  readonly repaired: readonly string[];
}

/**
 * Opens the journal in `folder` for writing, creating or repairing it as needed.
 * @throws JournalError when it cannot be read, or was written by another version: that one is left as it is. JournalFull when there
 *   is no room for the first record
 */
export async function openJournal(
  folder: string,
  { segmentBytes = SEGMENT_BYTES }: { readonly segmentBytes?: number } = {},
): Promise<OpenedJournal> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const segments = await loadSegments(folder);
    const recovered = recover(segments);
    const { snapshot, tail, end } = recovered;
    const newest = segments.at(-1)?.number;
    const missing = newest !== undefined && (await isClosed(folder, newest)) ? [successorIsMissing(newest)] : [];
    await removeDrafts(folder);
    const repaired = [...missing, ...(await mend(folder, recovered, segments))];
    const ballast = await layBallast(ballastIn(folder));
    const { file, segment, head } = await openEnd(folder, end);
    const journal = write({
      folder,
      segment,
      file,
      head,
      seq: tail.at(-1)?.seq ?? snapshot?.seq ?? 0,
      ballast,
      due: repaired.length > 0,
      segmentBytes,
    });
    return { journal, snapshot, tail, repaired };
  } catch (error) {
    throw explain(`open the journal in ${folder}`, error);
  }
}

/**
 * Reads the journal without changing a byte of it, also while a supervisor writes.
 * @returns `damage` in words for people
 * @throws JournalError like `openJournal`
 */
export async function readJournal(
  folder: string,
): Promise<{ snapshot: Snapshot | null; tail: readonly Stamped[]; damage: readonly string[] }> {
  try {
    const { snapshot, tail, faults } = recover(await loadSegments(folder));
    return { snapshot, tail, damage: faults.map(describe) };
  } catch (error) {
    throw explain(`read the journal in ${folder}`, error);
  }
}

async function openEnd(folder: string, end: Recovered['end']) {
  const bytes = Buffer.from(encodeHeader());
  const segment = end?.segment ?? 1;
  const path = pathOf(folder, segment);
  if (end === null) {
    const handle = await createSegment(folder, segment, bytes);
    return { segment, file: growFile(handle, path, bytes.length), head: bytes.length };
  }
  const handle = await openSegment(folder, segment);
  const file = growFile(handle, path, end.offset);
  try {
    if (end.offset === 0) await file.append(bytes, { sync: true });
  } catch (error) {
    await handle.close();
    throw error;
  }
  return { segment, file, head: Math.max(end.head, bytes.length) };
}

const successorIsMissing = (segment: number): string =>
  `${nameOf(segment)} was followed by another segment, which is missing: its events are lost`;
