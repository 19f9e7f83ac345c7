/**
 * From the bytes of the segments to what may be believed: the newest readable snapshot and the gapless records after it.
 * Pure. What is wrong comes out as faults; `mend` carries them out on the disk.
 */
import type { Stamped } from '../../loop/event.ts';
import { JournalError } from './journal-error.ts';
import { decode, type Line, SCHEMA, type Snapshot } from './line.ts';

export interface Segment {
  /** 1, 2, 3 …, as in its name, `000001.jsonl`. */
  readonly number: number;
  readonly bytes: Buffer;
}

export type Fault =
  /** What a crash leaves at the end of the last write: it was never acknowledged. */
  | { readonly is: 'torn'; readonly segment: number; readonly from: number; readonly bytes: number }
  /** Something changed what had been written. `records` whole ones lie behind it, unusable because some are missing before them. */
  | {
      readonly is: 'damaged';
      readonly segment: number;
      readonly from: number;
      readonly bytes: number;
      readonly records: number;
    }
  /** An unreadable stretch that held no event, because the numbers go on behind it without a gap. */
  | { readonly is: 'harmless'; readonly segment: number; readonly from: number; readonly bytes: number };

export interface Recovered {
  readonly snapshot: Snapshot | null;
  /** All events after the snapshot. */
  readonly tail: readonly Stamped[];
  /** Where the next record goes, and the offset of the segment's first record; null when there is no segment. */
  readonly end: { readonly segment: number; readonly offset: number; readonly head: number } | null;
  readonly faults: readonly Fault[];
}

/** What has been read so far. */
interface Progress {
  snapshot: Snapshot | null;
  begun: boolean;
  seq: number;
  readonly tail: Stamped[];
}

/** Whether reading may begin with this segment. */
export function hasSnapshot(segment: Segment): boolean {
  for (const { line } of linesOf(segment.bytes)) {
    if (line?.is === 'snapshot') return true;
    if (line?.is === 'record') return false;
  }
  return false;
}

/**
 * @param segments in ascending order; the first should have a snapshot or be the journal's first one
 * @throws JournalError when another version wrote one of them
 */
export function recover(segments: readonly Segment[]): Recovered {
  for (const segment of segments) refuseOtherSchema(segment);
  const progress: Progress = { snapshot: null, begun: false, seq: 0, tail: [] };
  const faults: Fault[] = [];
  let end: Recovered['end'] = null;
  for (const [index, segment] of segments.entries()) {
    const { good, head, harmless } = read(segment, progress);
    faults.push(...harmless);
    end = { segment: segment.number, offset: good, head };
    if (good === segment.bytes.length) continue;
    faults.push(judge(segment, good), ...segments.slice(index + 1).map((later) => judge(later, 0)));
    break;
  }
  return { snapshot: progress.snapshot, tail: progress.tail, end, faults };
}

/** Reads on until something is missing. An unreadable line is stepped over only when the numbers go on behind it. */
function read({ number, bytes }: Segment, progress: Progress) {
  const harmless: Fault[] = [];
  let good = 0;
  let head = 0;
  for (const { line, from, to } of linesOf(bytes)) {
    if (line === null) continue;
    if (!follows(line, progress)) break;
    if (from > good) harmless.push({ is: 'harmless', segment: number, from: good, bytes: from - good });
    good = to;
    if (line.is !== 'record') head = to;
    if (line.is === 'record') {
      progress.tail.push(line.record);
      progress.seq = line.record.seq;
      progress.begun = true;
    } else if (line.is === 'snapshot' && !progress.begun) {
      progress.snapshot = line.snapshot;
      progress.seq = line.snapshot.seq;
      progress.begun = true;
    }
  }
  return { good, head, harmless };
}

function follows(line: Line, progress: Progress): boolean {
  if (line.is === 'header') return true;
  if (line.is === 'record') return line.record.seq === progress.seq + 1;
  return !progress.begun || line.snapshot.seq === progress.seq;
}

function judge({ number, bytes }: Segment, from: number): Fault {
  const rest = bytes.subarray(from);
  // A line that was being written has no newline yet (nor has a page of zeros). Anything else was once complete.
  if (!rest.includes(0x0a)) return { is: 'torn', segment: number, from, bytes: rest.length };
  let records = 0;
  for (const { line } of linesOf(rest)) if (line?.is === 'record') records += 1;
  return { is: 'damaged', segment: number, from, bytes: rest.length, records };
}

function* linesOf(bytes: Buffer): Generator<{ line: Line | null; from: number; to: number }> {
  for (let from = 0; ; ) {
    const newline = bytes.indexOf(0x0a, from);
    if (newline < 0) return;
    yield { line: decode(bytes.subarray(from, newline)), from, to: newline + 1 };
    from = newline + 1;
  }
}

/** Looks at the head only, and before anything is judged to be damage. */
function refuseOtherSchema({ number, bytes }: Segment): void {
  for (const { line } of linesOf(bytes)) {
    if (line === null || line.is === 'record') return;
    if (line.schema === SCHEMA) continue;
    throw new JournalError(
      `segment ${number} of the journal has schema ${line.schema}, this version of looptop reads schema ${SCHEMA}: ` +
        'use the version that wrote it, or move the journal folder away to begin with an empty fleet',
    );
  }
}
