/** The notes in which the repository itself remembers what was read: `refs/notes/loops-read`, one note a commit. What they say is note-lines.ts's. */
import { ask, type Call, git } from './call.ts';
import { contentsOf } from './change.ts';
import { identity, isAncestor } from './commit.ts';
import { type Ground, inRoot } from './paths.ts';
import type { Queue } from './queue.ts';

export interface ReadingNotes {
  /** All notes by the commit that they are of; a note over 4 MiB is left out. */
  read(): Promise<ReadonlyMap<string, string>>;
  /** Changes the note of a commit; false when there is no such commit any more. */
  change(commit: string, next: (text: string) => string): Promise<boolean>;
  /** Who reads here: user.email as git has it; empty when it has none. */
  reader(): Promise<string>;
  /** When a commit was made (ms since 1970), if `tip` has it in its history; null if not. */
  dateIn(commit: string, tip: string): Promise<number | null>;
}

const NOTES = ['notes', '--ref=loops-read'];
const LARGEST = 4 * 1024 * 1024;

export function readingNotes(ground: Ground, shared: Queue): ReadingNotes {
  const call = inRoot(ground);
  return {
    read: () => readAll(call),
    change: (commit, next) => shared.run(() => changeNote(commit, next, call)),
    reader: async () => (await ask(['config', 'user.email'], call)).stdout.toString('utf8').trim(),
    dateIn: async (commit, tip) => {
      if (!(await isAncestor(commit, tip, call))) return null;
      const shown = await ask(['show', '--no-patch', '--format=%ct', commit, '--'], call);
      const seconds = Number(shown.stdout.toString('utf8').trim());
      return shown.code === 0 && Number.isFinite(seconds) ? seconds * 1000 : null;
    },
  };
}

async function readAll(call: Call): Promise<ReadonlyMap<string, string>> {
  const listed = await ask([...NOTES, 'list'], call);
  const rows = listed.stdout
    .toString('utf8')
    .split('\n')
    .flatMap((row) => {
      const [, note, commit] = /^([0-9a-f]+) ([0-9a-f]+)$/.exec(row) ?? [];
      return note === undefined || commit === undefined ? [] : [{ note, commit }];
    });
  const contents = await contentsOf(
    rows.map(({ note }) => note),
    LARGEST,
    call,
  );
  return new Map(rows.map(({ note, commit }) => [commit, contents.get(note)?.toString('utf8') ?? '']));
}

async function changeNote(commit: string, next: (text: string) => string, call: Call): Promise<boolean> {
  const there = await ask(['cat-file', '-e', `${commit}^{commit}`], call);
  if (there.code !== 0) return false;
  const shown = await ask([...NOTES, 'show', commit], call);
  const before = shown.code === 0 ? shown.stdout.toString('utf8') : '';
  const after = next(before);
  if (after === before) return true;
  const set = { ...call.set, ...(await identity(call)) };
  await git([...NOTES, 'add', '--force', '--file=-', commit], { ...call, set, input: after });
  return true;
}
