/**
 * The only writer of the journal: append-only segments of JSON lines, rotated to a new one that begins with a snapshot.
 * It knows the order of records, not their meaning.
 */
import { join } from 'node:path';
import type { Stamped } from '../../loop/event.ts';
import { dropBallast, layBallast } from './ballast.ts';
import { type GrowingFile, growFile } from './growing-file.ts';
import { explain, JournalError, JournalFull } from './journal-error.ts';
import { encodeHeader, encodeRecord, encodeSnapshot, type Snapshot } from './line.ts';
import { closeSegment, createSegment, pathOf, prune } from './segments.ts';

export interface Journal {
  /** Number of the newest record; 0 when there is none. */
  readonly seq: number;
  /** The segment is long enough, or something was repaired: time to `rotate`. */
  readonly due: boolean;
  /** The ballast is gone or could not be laid: the disk is, or was, full. */
  readonly full: boolean;
  /**
   * Writes the records in one write. They are acknowledged when it resolves: with `commit` they survive a power failure,
   * without it only the death of this process.
   * @throws JournalFull when there is no room: nothing of the records is left and the next append may succeed.
   *   JournalError when a number is missing or the disk fails
   */
  append(records: readonly Stamped[], options: { readonly commit: boolean }): Promise<void>;
  /** Appends and commits with the space that was held back: for the record that says that the disk is full, and what follows from it. */
  appendLast(records: readonly Stamped[]): Promise<void>;
  /** Tries to hold the space back again, as `append` does by itself; true when that worked, which is the proof that there is room. */
  refill(): Promise<boolean>;
  /**
   * Begins a new segment with the state after the newest record.
   * @throws JournalFull when there is no room; the old segment then goes on
   */
  rotate(snapshot: Snapshot): Promise<void>;
  /** Waits for what was asked before, commits and lets go of the files. */
  close(): Promise<void>;
}

export const ballastIn = (folder: string): string => join(folder, 'ballast');

/** Goes on at the end of `file`, which is the newest segment, after record `seq`. */
export function write(start: {
  readonly folder: string;
  readonly segment: number;
  readonly file: GrowingFile;
  /** Offset of its first record. */
  readonly head: number;
  readonly seq: number;
  readonly ballast: boolean;
  readonly due: boolean;
  readonly segmentBytes: number;
}): Journal {
  const { folder, segmentBytes } = start;
  let { segment, file, head, seq, ballast, due } = start;
  let closed: JournalError | null = null;
  // One thing at a time, in the order in which it was asked.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(() => {
      if (closed !== null) throw closed;
      return work();
    });
    queue = turn.catch(() => {});
    return turn;
  };

  const put = async (records: readonly Stamped[], sync: boolean): Promise<void> => {
    let next = seq;
    for (const record of records) {
      next += 1;
      if (record.seq !== next) throw new JournalError(`record ${record.seq} was to be written where ${next} belongs`);
    }
    await file.append(Buffer.from(records.map(encodeRecord).join('')), { sync });
    seq = next;
  };

  const begin = async (number: number, bytes: Buffer) => {
    try {
      return await createSegment(folder, number, bytes);
    } catch (error) {
      const explained = explain('begin a new segment', error);
      // Whether the new segment exists is then unknown, and where it does the old one is no longer read.
      if (!(explained instanceof JournalFull)) closed = explained;
      throw explained;
    }
  };

  return {
    get seq() {
      return seq;
    },
    get due() {
      return due || file.length - head > segmentBytes;
    },
    get full() {
      return !ballast;
    },
    append: (records, { commit }) =>
      inTurn(async () => {
        await put(records, commit);
        // Space is back. The records are written, so no failure here is theirs: without a ballast the journal stays `full`.
        if (!ballast && commit) ballast = await layBallast(ballastIn(folder)).catch(() => false);
      }),
    appendLast: (records) =>
      inTurn(async () => {
        await dropBallast(ballastIn(folder));
        ballast = false;
        await put(records, true);
      }),
    refill: () =>
      inTurn(async () => {
        ballast = await layBallast(ballastIn(folder));
        return ballast;
      }),
    rotate: (snapshot) =>
      inTurn(async () => {
        if (snapshot.seq !== seq) throw new JournalError(`the snapshot is of ${snapshot.seq}, the journal at ${seq}`);
        // The old segment is then complete on the disk: should the new one ever be damaged, it leads up to the same state.
        await file.sync();
        const bytes = Buffer.from(encodeHeader() + encodeSnapshot(snapshot));
        const fresh = await begin(segment + 1, bytes);
        const old = file;
        file = growFile(fresh, pathOf(folder, segment + 1), bytes.length);
        segment += 1;
        head = bytes.length;
        due = false;
        try {
          await old.close();
          await closeSegment(folder, segment - 1);
          await prune(folder);
        } catch (error) {
          throw explain('put the old segment away', error);
        }
      }),
    close: () =>
      inTurn(async () => {
        closed = new JournalError('the journal is closed');
        try {
          await file.sync();
        } finally {
          await file.close();
        }
      }),
  };
}
