/**
 * What the ledger knows of rules and loops, as files that people, agents and `jq` can read: `.looptop/rules.jsonl` and
 * `.looptop/state/<loop>.json`. Copies, never read back: the journal is the truth.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { loopRecord } from '../../loop/loop-record.ts';
import type { FleetState } from '../../loop/state.ts';
import { replaceFile } from './replace-file.ts';

/** A busy fleet changes a hundred times a second; whoever reads these files does so after a pass. */
const EVERY_MS = 1000;

export interface Mirror {
  /** To be called after every change of state. */
  look(): void;
  /** Writes what is not written yet. */
  close(): Promise<void>;
}

/** @param home the `.looptop` folder @param failed told what could not be written; it is tried again at the next change */
export function mirror(home: string, state: () => FleetState, failed: (words: string) => void): Mirror {
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
      await mkdir(dirname(join(home, path)), { recursive: true });
      await replaceFile(join(home, path), text, 0o600);
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
      if (now.rules === seen?.rules && now.runs === seen.runs && now.loops === seen.loops) return;
      timer = setTimeout(() => void flush(), EVERY_MS);
    },
    close: async () => {
      closed = true;
      if (timer) clearTimeout(timer);
      await flush();
    },
  };
}

/** Every file whose source has changed since `seen`. */
function* filesOf(now: FleetState, seen: FleetState | null): Generator<[path: string, text: string]> {
  if (now.rules !== seen?.rules && Object.keys(now.rules).length > 0) {
    const lines = Object.values(now.rules).map((rule) =>
      JSON.stringify({ ...rule, at: new Date(rule.at).toISOString() }),
    );
    yield ['rules.jsonl', `${lines.join('\n')}\n`];
  }
  for (const name of Object.keys(now.loops)) {
    const record = loopRecord(now, name);
    yield [join('state', `${name}.json`), `${JSON.stringify(record, null, 2)}\n`];
  }
}
