/**
 * What agents note for those after them, `.looptop/progress/<loop>.md`: outlives the worktrees, is bounded, and holds text only.
 * Agents never write there themselves: a sandbox may keep them out, and two at once would lose each other's words.
 */
import type { LoopDefinition } from '../../loop/definition/definition.ts';
import { sanitize } from '../../loop/text.ts';
import { readOwn, writeOwn } from './own-file.ts';

/** Beyond this the oldest entries go, whole. */
const LARGEST = 64 * 1024;
/** Of one entry, characters: its end is what came last. */
const LONGEST_ENTRY = 8000;
const LONGEST_LINE = 1000;

const MARK = '<!-- Notes of the agents of a loop, kept by looptop: the oldest go when there is no more room. -->';

export interface Entry {
  /** Unique: an entry that is there already is not added again. */
  readonly title: string;
  readonly text: string;
}

type Of = Pick<LoopDefinition, 'name' | 'context'>;

/** Relative to the repository. */
export const progressPath = ({ name, context }: Of): string => context.progress ?? `.looptop/progress/${name}.md`;

/** Everything, without the mark; empty when nothing was ever noted. */
export async function readProgress(root: string, loop: Of): Promise<string> {
  const text = await readOwn(root, progressPath(loop));
  return text === null ? '' : text.replace(MARK, '').trim();
}

let last: Promise<unknown> = Promise.resolve();

/** @throws ConfigError when the file is somebody else's or leads out of the repository */
export function addProgress(root: string, loop: Of, entry: Entry): Promise<void> {
  // One after the other: each rewrites the file.
  const turn = last.then(() => add(root, loop, entry));
  last = turn.catch(() => {});
  return turn;
}

async function add(root: string, loop: Of, entry: Entry): Promise<void> {
  const next = withEntry(await readProgress(root, loop), entry);
  if (next === null) return;
  // Those of earlier versions, and of people, have no mark: at the usual place they are taken over.
  const usual = loop.context.progress === null;
  await writeOwn(root, progressPath(loop), `${MARK}\n\n${next}\n`, (there) => usual || there.startsWith(MARK));
}

/** The notes with one entry more and no more than there is room for; null when nothing changes. */
export function withEntry(notes: string, { title, text }: Entry): string | null {
  const body = cleaned(text);
  if (body === '' || `\n${notes}\n`.includes(`\n## ${title}\n`)) return null;
  const entries = [...notes.split(/\n(?=## )/), `## ${title}\n\n${body}`]
    .map((each) => each.trim())
    .filter((each) => each !== '');
  let size = 0;
  const full = entries.findLastIndex((each) => {
    size += Buffer.byteLength(each) + 2;
    return size > LARGEST;
  });
  return entries.slice(full + 1).join('\n\n');
}

/** Text that can neither draw nor make itself an entry of its own. */
function cleaned(text: string): string {
  const lines = text
    .slice(-LONGEST_ENTRY)
    .split(/\r\n|\r|\n/)
    .map((line) => sanitize(line).slice(0, LONGEST_LINE).trimEnd())
    .map((line) => line.replace(/^\s*#{1,2}(?=\s)/, '###'));
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
