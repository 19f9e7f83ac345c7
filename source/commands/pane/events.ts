/** The events of one run as lines, newest first, read from the end of what was read before: a journal of megabytes is never read twice. */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunEvent, type Stamped } from '../../loop/event.ts';
import { decode } from '../../supervisor/journal/line.ts';

/** Newest lines that are kept of a run. */
const KEPT = 2000;
/** One read; between two of them other work gets its turn. */
const CHUNK_BYTES = 256 * 1024;
/** Runs whose place in the journal is remembered. */
const RUNS = 4;

interface Place {
  /** By segment, how far it was read. */
  readonly offsets: Map<string, number>;
  lines: string[];
}

/** Reads the journal in `folder`; the returned function tells a run's events up to now. */
export function journalTeller(folder: string): (run: string) => Promise<string> {
  const places = new Map<string, Place>();
  return async (run) => {
    const place: Place = places.get(run) ?? { offsets: new Map(), lines: [] };
    places.delete(run);
    places.set(run, place);
    const [oldest] = places.keys();
    if (places.size > RUNS && oldest !== undefined) places.delete(oldest);
    for (const segment of await segmentsIn(folder)) {
      const from = place.offsets.get(segment) ?? 0;
      place.offsets.set(segment, await readOn(join(folder, segment), from, run, (line) => place.lines.push(line)));
    }
    place.lines = place.lines.slice(-KEPT);
    return place.lines.toReversed().join('\n');
  };
}

async function segmentsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => /^\d+\.jsonl$/.test(name)).sort();
}

/** Tells every whole line of the run from `from` on; how far whole lines go. */
async function readOn(file: string, from: number, run: string, tell: (line: string) => void): Promise<number> {
  await using handle = await open(file, 'r');
  // Only lines that hold the run's name are taken apart.
  const name = `"run":${JSON.stringify(run)}`;
  let offset = from;
  let unfinished = Buffer.alloc(0);
  while (true) {
    const { bytesRead, buffer } = await handle.read(
      Buffer.alloc(CHUNK_BYTES),
      0,
      CHUNK_BYTES,
      offset + unfinished.length,
    );
    if (bytesRead === 0) return offset;
    const all = Buffer.concat([unfinished, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = all.indexOf(10); end !== -1; end = all.indexOf(10, start)) {
      const line = all.subarray(start, end);
      if (line.includes(name)) {
        const read = decode(line);
        if (read?.is === 'record' && isRunEvent(read.record.event) && read.record.event.run === run)
          tell(eventLine(read.record));
      }
      start = end + 1;
    }
    offset += start;
    unfinished = all.subarray(start);
  }
}

/** `14:03:07 gate-ended {…}`, local time. */
function eventLine({ at, event }: Stamped): string {
  const time = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const words = wordsOf(event);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())} ${event.type} ${words.slice(0, 2000)}`;
}

/** What an event says, its fields as the journal has them; what an agent did only by name, for all of it is in the trace and in its `out`. */
function wordsOf(event: Stamped['event']): string {
  if (event.type === 'agent-read') return `${event.agent}: ${event.events.map(({ type }) => type).join(', ')}`;
  return Object.entries(event)
    .filter(([key]) => key !== 'run' && key !== 'type' && key !== 'definition')
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(' ');
}
