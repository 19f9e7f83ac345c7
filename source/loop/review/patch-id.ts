/**
 * What a hunk is called wherever it stands: the id that `git patch-id --stable` gives a patch of that hunk alone. Line numbers and
 * blanks do not count, so it is the same after a rebase.
 */
import { createHash } from 'node:crypto';
import type { DiffFile, Hunk } from './parse.ts';

const SIGN = { same: ' ', added: '+', removed: '-' } as const;

/** Blanks as git's own isspace has them: not form feeds, and nothing of Unicode. */
const BLANKS = /[ \t\n\r]+/g;

/**
 * 40 hex digits. Git's algorithm (builtin/patch-id.c): SHA-1 over the lines of the patch without their blanks; with one hunk in it,
 * the sum over files that `--stable` makes has one term. Equal to git's for files whose text is UTF-8.
 */
export function patchId(file: Pick<DiffFile, 'header'>, hunk: Pick<Hunk, 'lines'>): string {
  const hash = createHash('sha1');
  for (const row of file.header) hash.update(row.replace(BLANKS, ''));
  for (const { kind, text } of hunk.lines) hash.update(`${SIGN[kind]}${text}`.replace(BLANKS, ''));
  return hash.digest('hex');
}
