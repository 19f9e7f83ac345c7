/** Where two lines of work do not agree: the files, how, and the places in them. It only reads. */
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Conflict } from '../../../loop/state.ts';
import { type Call, git } from '../call.ts';
import { fileAt } from '../change.ts';
import { absent } from '../paths.ts';

export interface Conflicts {
  readonly files: readonly Conflict[];
  /** The places with their markers, cut after 8,000 characters. */
  readonly hunks: string;
}

/** What goes into a prompt: about 2,000 tokens. */
const LONGEST_HUNKS = 8000;
/** A larger file is not looked into. */
const LARGEST_FILE = 2 * 1024 * 1024;

/** By the stages of the index: 1 is their common ancestor, 2 the target, 3 the run. */
const HOW: Readonly<Record<string, string>> = {
  '123': 'both changed it',
  '23': 'both added it',
  '12': 'the target changed it, your work deleted it',
  '13': 'the target deleted it, your work changed it',
  '1': 'both renamed it',
  '2': 'the target added it, your work has something else there',
  '3': 'your work added it, the target has something else there',
};

/** Of the merge under way in the worktree of `call`, in its own index. */
export async function conflictsIn(call: Call): Promise<Conflicts> {
  const listed = await git(['ls-files', '-z', '--unmerged'], call);
  const stages = new Map<string, string>();
  for (const line of listed.split('\0')) {
    const [, stage, path] = /^\d+ [0-9a-f]+ (\d)\t(.*)$/s.exec(line) ?? [];
    if (stage !== undefined && path !== undefined) stages.set(path, `${stages.get(path) ?? ''}${stage}`);
  }
  const files = [...stages].map(([path, of]) => ({ path, how: HOW[of] ?? 'they do not agree' }));
  const texts = await Promise.all(files.map(async ({ path }) => ({ path, text: await textOf(join(call.cwd, path)) })));
  return { files, hunks: hunksOf(texts) };
}

/** Which of `paths` still have a conflict marker in `commit`. */
export async function markedFiles(call: Call, commit: string, paths: readonly string[]): Promise<Conflicts> {
  const texts = await Promise.all(
    paths.map(async (path) => {
      const content = await fileAt(commit, path, LARGEST_FILE, call);
      return { path, text: content?.toString('utf8') ?? '' };
    }),
  );
  const marked = texts.filter(({ text }) => placesOf(text).length > 0);
  const files = marked.map(({ path }) => ({ path, how: 'a conflict marker is left in it' }));
  return { files, hunks: hunksOf(marked) };
}

async function textOf(path: string): Promise<string> {
  const there = await lstat(path).catch(absent);
  if (!there?.isFile() || there.size > LARGEST_FILE) return '';
  return readFile(path, 'utf8');
}

function hunksOf(files: readonly { readonly path: string; readonly text: string }[]): string {
  const all = files
    .flatMap(({ path, text }) => placesOf(text).map((place) => `${JSON.stringify(path)}\n${place}`))
    .join('\n\n');
  return all.length <= LONGEST_HUNKS ? all : `${all.slice(0, LONGEST_HUNKS)}\n… (cut; the rest is in the files)`;
}

/** From each `<<<<<<<` to its `>>>>>>>`, as they stand. */
function placesOf(text: string): string[] {
  const places: string[] = [];
  let open: string[] | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (/^<{7}( |$)/.test(line)) open = [];
    open?.push(line);
    if (open !== null && /^>{7}( |$)/.test(line)) {
      places.push(open.join('\n'));
      open = null;
    }
  }
  return places;
}
