/** Whether a change shows the reference picture itself instead of something that looks like it. */
import { createHash } from 'node:crypto';
import type { Change } from '../../git/change.ts';

/** Text that is looked through for the picture; pages are smaller. */
const MOST = 8 * 1024 * 1024;

/**
 * How, in words, or null: a copy under another name, its bytes as a data URI, or a new mention of its path. A picture that was
 * cut or encoded anew is not found: the checks of the change (`paths`) and a person's eyes are for that.
 */
export async function embedded(change: Change, reference: string, picture: Buffer): Promise<string | null> {
  const now = change.files.filter(({ after }) => after !== null);
  const contents = await change.contents(
    now.flatMap(({ before, after }) => [before, after].filter((hash) => hash !== null)),
    MOST,
  );
  const digest = sha256(picture);
  // From the middle, where pictures of the same size differ; whole groups of three bytes are whole groups of four letters.
  const from = Math.floor(picture.length / 6) * 3;
  const letters = picture
    .subarray(from, from + 60)
    .toString('base64')
    .replace(/=+$/, '')
    .slice(0, 76);
  for (const { path, before, after } of now) {
    const bytes = contents.get(after ?? '') ?? null;
    if (bytes === null || path === reference) continue;
    if (sha256(bytes) === digest) return `${path} is a copy of the reference`;
    if (letters.length >= 40 && bytes.includes(letters)) return `${path} has the reference in it`;
    const mentions = (content: Buffer | null) => content?.includes(reference) ?? false;
    if (mentions(bytes) && !mentions(before === null ? null : (contents.get(before) ?? null)))
      return `${path} names the reference`;
  }
  return null;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
