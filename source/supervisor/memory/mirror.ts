/**
 * What the ledger knows of rules and loops, as files that people, agents and `jq` can read: `.looptop/rules.jsonl` and
 * `.looptop/state/<loop>.json`. Copies, never read back: the journal is the truth.
 */
import { loopRecord } from '../../loop/loop-record.ts';
import type { FleetState } from '../../loop/state.ts';
import { writeOwn } from './own-file.ts';

/** A busy fleet changes a hundred times a second; whoever reads these files does so after a pass. */
const EVERY_MS = 1000;

export interface Mirror {
  /** To be called after every change of state. */
  look(): void;
  /** Writes what is not written yet. */
  close(): Promise<void>;
}

/** @param root the repository @param failed told what could not be written; it is tried again at the next change */
export function mirror(root: string, state: () => FleetState, failed: (words: string) => void): Mirror {
  const written = new Map<string, string>();
  let seen: FleetState | null = null;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;

  const write = async () => {
    const now = state();
    if (now.disk === 'full') return;
    for (const [path, text] of filesOf(now, seen)) {
      if (written.get(path) === text) continue;
      // One that cannot be written must not keep the others from it.
      await writeOwn(root, path, text, (there) => path.startsWith(HOME) || isRecord(there)).catch((error: unknown) =>
        failed(error instanceof Error ? error.message : String(error)),
      );
      written.set(path, text);
    }
    seen = now;
  };

  const flush = () => {
    timer = null;
    writing = writing.then(write).catch((error: unknown) => failed(String(error)));
    return writing;
  };

  return {
    look: () => {
      if (closed || timer !== null) return;
      const now = state();
      const same = now.rules === seen?.rules && now.runs === seen.runs && now.loops === seen.loops;
      if (same && now.hits === seen?.hits && now.triage === seen.triage) return;
      timer = setTimeout(() => void flush(), EVERY_MS);
    },
    close: async () => {
      closed = true;
      if (timer) clearTimeout(timer);
      await flush();
    },
  };
}

const HOME = '.looptop/';

/** Written by us: never over anything else that stands there. */
const isRecord = (text: string): boolean => /^\{\s*"schema": 1,\s*"loop": "/.test(text);

/** Every file whose source has changed since `seen`. */
function* filesOf(now: FleetState, seen: FleetState | null): Generator<[path: string, text: string]> {
  if (now.rules !== seen?.rules && Object.keys(now.rules).length > 0) {
    const lines = Object.values(now.rules).map((rule) =>
      JSON.stringify({ ...rule, at: new Date(rule.at).toISOString() }),
    );
    yield [`${HOME}rules.jsonl`, `${lines.join('\n')}\n`];
  }
  for (const [name, { trusted, definition }] of Object.entries(now.loops)) {
    const record = loopRecord(now, name);
    // Where an untrusted file wants it, nothing is written.
    const wanted = trusted ? definition?.context.state : null;
    yield [wanted ?? `${HOME}state/${name}.json`, `${JSON.stringify(record, null, 2)}\n`];
  }
}
