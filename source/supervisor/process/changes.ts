/** Says when a file or folder may have changed: `fs.watch`, and one poll shared by all for what it misses. It reads nothing itself. */
import { type FSWatcher, watch } from 'node:fs';

/** What a missed watch event costs at most. Network file systems send none at all. */
const POLL_MS = 250;

const everyone = new Set<() => void>();
let poll: NodeJS.Timeout | null = null;

export interface Changes extends Disposable {
  /** Resolves at the next change, or when one came since the last call, or after 250 ms, or when woken. One caller at a time. */
  next(): Promise<void>;
  /** Makes `next` resolve now. */
  wake(): void;
}

/** Watches `path`, which may not exist yet, until disposed of. Of a folder with `only`, what other names in it do is no change. */
export function watchChanges(path: string, only?: string): Changes {
  let watcher: FSWatcher | null = null;
  let changed = false;
  let resume: (() => void) | null = null;

  const wake = (): void => {
    changed = true;
    resume?.();
    resume = null;
  };
  const hear = (_event: string, name: string | null): void => {
    if (only === undefined || name === null || name === only) wake();
  };
  const tick = (): void => {
    watcher ??= tryToWatch(path, hear);
    wake();
  };

  watcher = tryToWatch(path, hear);
  everyone.add(tick);
  poll ??= setInterval(() => {
    for (const one of everyone) one();
  }, POLL_MS);

  return {
    wake,
    next: async () => {
      if (!changed) {
        await new Promise<void>((resolve) => {
          resume = resolve;
        });
      }
      changed = false;
    },
    [Symbol.dispose]: () => {
      watcher?.close();
      wake();
      everyone.delete(tick);
      if (everyone.size > 0 || poll === null) return;
      clearInterval(poll);
      poll = null;
    },
  };
}

/** Null when `path` is not there yet, or the system has no watches left (Linux: max_user_watches): the poll then does. */
function tryToWatch(path: string, onChange: (event: string, name: string | null) => void): FSWatcher | null {
  try {
    const watcher = watch(path, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
