/** A loop's `watch:`: changes of files become one firing, once they have come to rest. */
import { randomUUID } from 'node:crypto';
import { heartOf } from '../../loop/schedule/pulse.ts';
import { heard } from '../../loop/schedule.ts';
import { sanitize } from '../../loop/text.ts';
import type { House } from '../house.ts';
import { tellTrouble } from './trouble.ts';
import { watchTree } from './watch-tree.ts';

/** Files that never come to rest still fire, after so many quiet times. */
const LONGEST = 10;
/** Changed files that the run is told of. */
const NAMED = 20;
const COUNTED = 1000;

/** Until `signal` is aborted. Rejects when the files cannot be watched, which is journaled as the loop's trouble. */
export async function watch(house: House, loop: string, signal: AbortSignal): Promise<void> {
  const { ledger, repository } = house;
  const spec = heartOf(ledger.state, loop)?.definition.on.watch ?? null;
  if (spec === null) return;
  const changed = new Set<string>();
  let since = 0;
  let timer: NodeJS.Timeout | undefined;

  const fire = () => {
    const item = itemOf(changed);
    changed.clear();
    const firing = { key: `watch:${randomUUID()}`, trigger: 'watch', at: Date.now(), item } as const;
    ledger.ask((state) => ({ events: heard(state, loop, firing) })).catch((error: unknown) => house.log(String(error)));
  };
  const see = (path: string) => {
    const now = performance.now();
    if (changed.size === 0) since = now;
    if (changed.size < COUNTED) changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(fire, Math.max(0, Math.min(spec.debounceMs, since + spec.debounceMs * LONGEST - now)));
  };

  try {
    await watchTree(
      { root: repository.root, globs: spec.paths, changed: see, ready: () => tellTrouble(house, loop, null) },
      signal,
    );
  } catch (error) {
    if (signal.aborted) return;
    await tellTrouble(
      house,
      loop,
      `its files cannot be watched: ${error instanceof Error ? error.message : String(error)}`,
    );
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Names of files are text by others, too. */
function itemOf(paths: ReadonlySet<string>): unknown {
  const changed = [...paths].sort().slice(0, NAMED).map(sanitize);
  return { changed, more: Math.max(0, paths.size - NAMED) };
}
