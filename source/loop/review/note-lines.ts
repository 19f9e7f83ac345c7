/**
 * A note of `refs/notes/loops-read` as text: one fact a line, so that notes of several people merge by `git notes merge -s cat_sort_uniq`.
 *
 *     landed RUN LOOP BEFORE      what an agent wrote and this commit brought, compared with the commit BEFORE
 *     hunk ID LINES PATH          a hunk of it that is to be read; ID is its `git patch-id --stable`
 *     read ID HOW EMAIL           who knows it, and how well: skimmed, read, explained
 */
import type { How, LandedWork, OwedHunk } from '../state/review.ts';
import type { RunId } from '../units.ts';
import { better } from './owed.ts';

export interface Noted {
  readonly landed: readonly Pick<LandedWork, 'run' | 'loop' | 'before'>[];
  readonly hunks: readonly OwedHunk[];
  readonly read: readonly { readonly id: string; readonly how: How; readonly email: string }[];
}

const LANDED = /^landed (\S+) (\S+) ([0-9a-f]{7,64})$/;
const HUNK = /^hunk ([0-9a-f]{40}) (\d{1,7}) (.+)$/;
const READ = /^read ([0-9a-f]{40}) (skimmed|read|explained) (\S+)$/;

/** What a note says. Lines of others, and of later versions, are passed over. */
export function parseNote(text: string): Noted {
  const landed: Noted['landed'][number][] = [];
  const hunks: OwedHunk[] = [];
  const read: Noted['read'][number][] = [];
  for (const line of text.split('\n')) {
    const [, run, loop, before] = LANDED.exec(line) ?? [];
    const [, id, lines, path] = HUNK.exec(line) ?? [];
    const [, of, how, email] = READ.exec(line) ?? [];
    if (run !== undefined && loop !== undefined && before !== undefined)
      landed.push({ run: run as RunId, loop, before });
    if (id !== undefined && lines !== undefined && path !== undefined) hunks.push({ id, lines: Number(lines), path });
    if (of !== undefined && email !== undefined && isHow(how)) read.push({ id: of, how, email });
  }
  return { landed, hunks, read };
}

const isHow = (word: string | undefined): word is How => word === 'skimmed' || word === 'read' || word === 'explained';

/** The note with what is new: sorted, each line once, and of one reader's marks of a hunk only the best. */
export function withNoted(text: string, { landed, hunks, read }: Noted): string {
  const ours = new Map<string, How>();
  for (const { id, how, email } of [...parseNote(text).read, ...read])
    ours.set(`${id} ${email}`, better(ours.get(`${id} ${email}`), how));
  const lines = new Set(text.split('\n').filter((line) => line.trim() !== '' && !READ.test(line)));
  for (const { run, loop, before } of landed) lines.add(`landed ${run} ${loop} ${before}`);
  for (const { id, lines: count, path } of hunks) lines.add(`hunk ${id} ${count} ${plain(path)}`);
  for (const [key, how] of ours) {
    const [id, email] = key.split(' ');
    lines.add(`read ${id} ${how} ${email}`);
  }
  return `${[...lines].sort().join('\n')}\n`;
}

/** A path is only there to be read by people: what would break the line is left out of it. */
const plain = (path: string): string => path.replace(/\p{Cc}/gu, '?').trim() || '?';

/** An address as one word. */
export const readerName = (email: string): string => email.trim().replace(/\s+/g, '-') || 'somebody';
