/** Looks now and then what of the landed hunks still stands on the target, so that nobody owes the reading of what is gone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { hunksOf } from '../../loop/review/facts.ts';
import { isRead } from '../../loop/review/owed.ts';
import { parseDiff } from '../../loop/review/parse.ts';
import type { FleetState, LandedWork } from '../../loop/state.ts';
import type { House } from '../house.ts';

/** How often the target is looked at, ms. Blaming a file takes about as long as printing its history. */
const EVERY_MS = 180_000;

/** Until `signal` is aborted. */
export async function watchStanding(house: House, signal: AbortSignal, everyMs = EVERY_MS): Promise<void> {
  while (!signal.aborted) {
    await measure(house, signal);
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** Measures when the target has moved since the last time. */
async function measure({ ledger, repository, log }: House, signal: AbortSignal): Promise<void> {
  const target = await repository.tip();
  if (ledger.state.reading.measured?.target === target) return;
  const left: Record<string, Record<string, number>> = {};
  for (const work of Object.values(ledger.state.reading.landed)) {
    if (signal.aborted) return;
    if (work.commit === target || isAllRead(ledger.state, work)) continue;
    try {
      left[work.run] = await leftOf(work, target, repository);
    } catch (error) {
      // A commit that is no longer there: what it brought stays owed, as nobody can say that it is gone.
      log(
        `${work.run}: what is left of it cannot be measured: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  await ledger.record({ type: 'standing-measured', target, left });
}

const isAllRead = ({ reading }: FleetState, { hunks }: LandedWork): boolean =>
  hunks.every(({ id }) => isRead(reading.marks[id]?.how));

/** Lines that are left, by hunk. Of one that only removed no line can be blamed: it is not named, and stands. */
async function leftOf(
  work: LandedWork,
  target: string,
  repository: House['repository'],
): Promise<Record<string, number>> {
  const owed = new Set(work.hunks.map(({ id }) => id));
  const diff = parseDiff(await repository.patch(work.before, work.commit));
  const hunks = diff.files.flatMap((file) => {
    const ids = hunksOf(file);
    return file.hunks.map((hunk, at) => ({ path: file.path, id: ids[at]?.id ?? '', hunk }));
  });
  const wanted = hunks.filter(({ id }) => owed.has(id));
  const lines: Record<string, number[]> = {};
  for (const { path, hunk } of wanted) {
    const numbers = hunk.lines.flatMap(({ kind, after }) => (kind === 'added' && after !== null ? [after] : []));
    lines[path] = [...(lines[path] ?? []), ...numbers];
  }
  const standing = await repository.standing({ commit: work.commit, lines }, target);
  const left: Record<string, number> = {};
  for (const { path, id, hunk } of wanted) {
    const alive = standing.get(path);
    if (alive === null || alive === undefined || hunk.added === 0) continue;
    left[id] = hunk.lines.filter(({ kind, after }) => kind === 'added' && after !== null && alive.has(after)).length;
  }
  return left;
}
