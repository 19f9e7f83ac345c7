/** Keeps what was read in the notes of the repository, and takes it from there where the journal is new. */

import { type Noted, parseNote, readerName, withNoted } from '../../loop/review/note-lines.ts';
import { better } from '../../loop/review/owed.ts';
import type { FleetState, How, LandedWork, Mark } from '../../loop/state.ts';
import type { RunId } from '../../loop/units.ts';
import type { House } from '../house.ts';

/** Commits of notes that are looked at for landed work; older work was read or is not missed. */
const MOST_COMMITS = 500;

/** Writes every mark and every landed hunk that has no note yet, commit by commit. */
export async function noteReading({ ledger, repository }: House): Promise<void> {
  const { reading } = ledger.state;
  const email = readerName(await repository.readingNotes.reader());
  const open = Object.entries(reading.marks).filter(([, { noted }]) => !noted);
  const fresh = Object.values(reading.landed).filter(({ noted }) => !noted);
  const byCommit = new Map<string, { -readonly [Key in keyof Noted]: Noted[Key][number][] }>();
  const noteOf = (commit: string) => {
    const known = byCommit.get(commit) ?? { landed: [], hunks: [], read: [] };
    byCommit.set(commit, known);
    return known;
  };
  for (const { run, loop, before, commit, hunks } of fresh) {
    const note = noteOf(commit);
    note.landed.push({ run, loop, before });
    note.hunks.push(...hunks);
    // They were read under another commit; here is where others look for them.
    for (const { id } of hunks) {
      const mark = reading.marks[id];
      if (mark !== undefined) note.read.push({ id, how: mark.how, email });
    }
  }
  for (const [id, mark] of open) {
    const commit = commitOf(ledger.state, mark);
    if (commit !== null) noteOf(commit).read.push({ id, how: mark.how, email });
  }
  for (const [commit, noted] of byCommit)
    await repository.readingNotes.change(commit, (text) => withNoted(text, noted));
  await ledger.record({
    type: 'reading-noted',
    hunks: open.map(([id, { how }]) => ({ id, how })),
    landed: fresh.map(({ run }) => run),
  });
}

/** The commit that a mark's note is of: what has landed, or what is under review. Null when both are forgotten. */
const commitOf = ({ reading, runs }: FleetState, { run }: Mark): string | null =>
  reading.landed[run]?.commit ?? runs[run]?.commit ?? null;

/** What this operator has read by all notes, and what agents have landed that the target still has. */
export async function recallReading({ ledger, repository }: House): Promise<void> {
  const { readingNotes } = repository;
  const email = readerName(await readingNotes.reader());
  const tip = await repository.tip();
  const marks = new Map<string, { readonly how: How; readonly run: RunId }>();
  const landed: LandedWork[] = [];
  const notes = await readingNotes.read();
  for (const [commit, text] of notes) {
    const noted = parseNote(text);
    const run = noted.landed[0]?.run ?? ('' as RunId);
    for (const { id, how, email: who } of noted.read)
      if (who === email) marks.set(id, { how: better(marks.get(id)?.how, how), run });
    const [work] = noted.landed;
    if (work === undefined || landed.length >= MOST_COMMITS) continue;
    const at = await readingNotes.dateIn(commit, tip);
    if (at !== null) landed.push({ ...work, commit, at, hunks: noted.hunks, noted: true });
  }
  await ledger.record({
    type: 'reading-recalled',
    marks: [...marks].map(([id, mark]) => ({ id, ...mark })),
    landed: landed.sort((a, b) => a.at - b.at),
  });
}
