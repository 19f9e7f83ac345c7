/** Carries out on the disk what `recover` found: cuts what was never finished, puts aside what people may want to look at. */
import { open, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './journal-error.ts';
import type { Fault, Recovered, Segment } from './recover.ts';
import { nameOf, pathOf, syncFolder } from './segments.ts';

/** Says each fault in a line for people, as it is found. */
export function describe(fault: Fault): string {
  const where = `${nameOf(fault.segment)}, byte ${fault.from}`;
  switch (fault.is) {
    case 'torn':
      return `${where}: ${fault.bytes} bytes of an unfinished record at the end`;
    case 'damaged':
      return `${where}: damaged; ${fault.bytes} bytes from there on cannot be used, ${fault.records} whole records among them`;
    case 'harmless':
      return `${where}: ${fault.bytes} damaged bytes, no event is missing`;
  }
}

/** Mends the folder and says what was done. Nothing but unfinished records is thrown away. */
export async function mend(
  folder: string,
  { end, faults }: Recovered,
  segments: readonly Segment[],
): Promise<string[]> {
  const done: string[] = [];
  for (const fault of faults) {
    const words = describe(fault);
    const path = pathOf(folder, fault.segment);
    const bytes = segments.find(({ number }) => number === fault.segment)?.bytes.subarray(fault.from);
    if (fault.is === 'harmless' || bytes === undefined || end === null) {
      done.push(words);
    } else if (fault.segment > end.segment) {
      const aside = await writeAside(folder, fault.segment, null);
      await rename(path, aside);
      done.push(`${words}; moved to ${aside}`);
    } else if (fault.is === 'torn') {
      await truncate(path, fault.from);
      done.push(`${words}; cut`);
    } else {
      const aside = await writeAside(folder, fault.segment, bytes);
      await syncFolder(folder);
      await truncate(path, fault.from);
      done.push(`${words}; moved to ${aside}`);
    }
  }
  if (faults.length > 0) await syncFolder(folder);
  return done;
}

/** Claims the first free name `NNNNNN.damaged`, `NNNNNN.2.damaged` … and puts `bytes` there, safely on the disk. */
async function writeAside(folder: string, segment: number, bytes: Buffer | null): Promise<string> {
  const stem = nameOf(segment).replace('.jsonl', '');
  for (let copy = 1; ; copy += 1) {
    const path = join(folder, copy === 1 ? `${stem}.damaged` : `${stem}.${copy}.damaged`);
    try {
      await writeNew(path, bytes ?? Buffer.alloc(0));
      return path;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

async function writeNew(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
