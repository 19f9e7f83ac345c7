/** Gets the diff that the operator looks at, once for each state of a run, and takes it apart a piece at a time so that no key waits for it. */
import { setImmediate as breathe } from 'node:timers/promises';
import { type Moved, movedLines } from '../../loop/review/moved.ts';
import { parseDiff } from '../../loop/review/parse.ts';
import { keepDiff, type PaneStore } from '../store.ts';
import { idOf } from './hunk-ids.ts';
import { wantedDiff } from './look.ts';

/** In a longer one nobody looks for moved lines, and finding them takes as long as reading it. */
const MOST_FOR_MOVED = 60_000;
/** Lines of hunks whose ids are made between two looks at the keyboard: about 4 ms. */
const AT_ONCE = 4000;

/** Asks for the diff of the run that is shown, unless it is here or on its way. `drawn` is called when there is something new to see. */
export function loadDiff(store: PaneStore, diffOf: (run: string) => Promise<string>, drawn: () => void): void {
  const { fleet, view, diffs } = store.getState();
  const wanted = view.screen === 'review' ? wantedDiff(fleet, view.review) : null;
  if (wanted === null || diffs[wanted.run]?.of === wanted.of) return;
  const { run, of } = wanted;
  keepDiff(store, run, { of, is: 'loading' });
  const isWanted = () => store.getState().diffs[run]?.of === of;
  diffOf(run)
    .then(read)
    .then(
      (read) => keepDiff(store, run, { of, is: 'here', ...read }),
      (error: unknown) =>
        keepDiff(store, run, { of, is: 'failed', why: error instanceof Error ? error.message : String(error) }),
    )
    .finally(() => {
      if (isWanted()) drawn();
    })
    .catch(() => {});
}

async function read(text: string) {
  const diff = parseDiff(text);
  await breathe();
  const moved: Moved = diff.added + diff.removed > MOST_FOR_MOVED ? new Map() : movedLines(diff);
  await breathe();
  let lines = 0;
  for (const file of diff.files)
    for (const hunk of file.hunks) {
      idOf(file, hunk);
      lines += hunk.lines.length;
      if (lines < AT_ONCE) continue;
      lines = 0;
      await breathe();
    }
  return { diff, moved };
}
