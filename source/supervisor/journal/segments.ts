/** The journal's folder: which segments there are, how they are named, made, closed and thrown away. */
import { chmod, type FileHandle, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, JournalError } from './journal-error.ts';
import { hasSnapshot, type Segment } from './recover.ts';

/** Closed segments that are kept for people; recovery needs none of them. */
const KEPT = 5;

const SEGMENT = /^(\d{6,})\.jsonl$/;
const DRAFT = '.new';

export const nameOf = (segment: number): string => `${String(segment).padStart(6, '0')}.jsonl`;
export const pathOf = (folder: string, segment: number): string => join(folder, nameOf(segment));

/** Numbers of all segments, ascending; none when the folder does not exist. */
export async function listSegments(folder: string): Promise<number[]> {
  return (await namesIn(folder))
    .map((name) => Number(SEGMENT.exec(name)?.[1] ?? Number.NaN))
    .filter((number) => Number.isSafeInteger(number) && number > 0)
    .sort((a, b) => a - b);
}

/** Reads the newest segments, back to the one where reading can begin. */
export async function loadSegments(folder: string): Promise<Segment[]> {
  const loaded: Segment[] = [];
  for (const number of (await listSegments(folder)).reverse()) {
    const segment = { number, bytes: await readFile(pathOf(folder, number)) };
    loaded.unshift(segment);
    if (hasSnapshot(segment)) break;
  }
  return loaded;
}

/**
 * Makes a segment that begins with `head`, ready to be appended to: it exists whole, on the disk, or not at all.
 * Only after a failure that is no lack of space can it be either.
 */
export async function createSegment(folder: string, number: number, head: Buffer): Promise<FileHandle> {
  const path = pathOf(folder, number);
  const draft = path + DRAFT;
  await rm(draft, { force: true });
  const file = await open(draft, 'ax', 0o600);
  try {
    await file.writeFile(head);
    await file.datasync();
    await rename(draft, path);
  } catch (error) {
    await file.close();
    await rm(draft, { force: true });
    throw error;
  }
  try {
    await syncFolder(folder);
  } catch (cause) {
    await file.close();
    throw new JournalError(`${path}: the disk did not confirm the new segment`, { cause });
  }
  return file;
}

/** Opens an existing segment to be appended to, closed or not. */
export async function openSegment(folder: string, number: number): Promise<FileHandle> {
  const path = pathOf(folder, number);
  await chmod(path, 0o600);
  return await open(path, 'a');
}

/** Marks a segment as followed by another one, so that a newest segment that carries the mark tells of a lost successor. */
export const closeSegment = (folder: string, number: number): Promise<void> => chmod(pathOf(folder, number), 0o400);

export async function isClosed(folder: string, number: number): Promise<boolean> {
  return ((await stat(pathOf(folder, number))).mode & 0o200) === 0;
}

/** Removes segments that nobody needs: all but the newest and the last few before it. */
export async function prune(folder: string): Promise<void> {
  const old = (await listSegments(folder)).slice(0, -(KEPT + 1));
  for (const number of old) await rm(pathOf(folder, number), { force: true });
}

/** Removes what a crash in the middle of a rotation left. */
export async function removeDrafts(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) if (name.endsWith(DRAFT)) await rm(join(folder, name), { force: true });
}

/** Makes new and renamed files in the folder survive a power failure. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
