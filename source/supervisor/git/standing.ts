/**
 * Which lines that a change brought still stand at a later commit, by `git blame`: a line is the same one for as long as blame finds the
 * same origin for it, wherever it has moved in its file. It only reads.
 */
import { ask, type Call } from './call.ts';

export interface Brought {
  /** The commit that has them. */
  readonly commit: string;
  /** Line numbers there, from 1, by path. */
  readonly lines: Readonly<Record<string, readonly number[]>>;
}

/** By path of `Brought`: the lines of it that are left, by their numbers there; null for a file that is untouched. */
export type Standing = ReadonlyMap<string, ReadonlySet<number> | null>;

/** A program that the repository names must not run, nor a file that it names hide whose line it is. */
const HARMLESS = { config: [['blame.ignoreRevsFile', '']] } as const;

/** Only files that were touched since are looked at. A file that cannot be blamed counts as untouched. */
export async function standing({ commit, lines }: Brought, target: string, call: Call): Promise<Standing> {
  const touched = await touchedFiles(commit, target, call);
  const found = new Map<string, ReadonlySet<number> | null>();
  for (const [path, numbers] of Object.entries(lines)) {
    if (!touched.has(path)) {
      found.set(path, null);
      continue;
    }
    const now = touched.get(path) ?? null;
    if (now === null) {
      found.set(path, new Set());
      continue;
    }
    const [before, after] = [await origins(commit, path, call), await origins(target, now, call)];
    if (before === null || after === null) {
      found.set(path, null);
      continue;
    }
    const alive = new Set(after);
    found.set(path, new Set(numbers.filter((number) => alive.has(before[number - 1] ?? ''))));
  }
  return found;
}

/** Files that differ, by the name they had: what they are called now, null for gone. */
async function touchedFiles(from: string, to: string, call: Call): Promise<ReadonlyMap<string, string | null>> {
  const args = ['diff-tree', '-r', '-M', '-z', '--name-status', '--no-ext-diff', '--no-textconv', from, to];
  const answer = await ask(args, call);
  const touched = new Map<string, string | null>();
  if (answer.code !== 0) return touched;
  const fields = answer.stdout.toString('utf8').split('\0');
  for (let at = 0; at + 1 < fields.length; ) {
    const status = fields[at++] ?? '';
    const path = fields[at++] ?? '';
    if (status.startsWith('R')) touched.set(path, fields[at++] ?? null);
    else if (status.startsWith('C')) at++;
    else touched.set(path, status.startsWith('D') ? null : path);
  }
  return touched;
}

/** Of each line the commit it is from and its number there; blanks alone make no other line of it. Null when there is no such file. */
async function origins(commit: string, path: string, call: Call): Promise<string[] | null> {
  const answer = await ask(['blame', '-w', '--porcelain', '--no-textconv', commit, '--', path], {
    ...call,
    ...HARMLESS,
  });
  if (answer.code !== 0) return null;
  const rows: string[] = [];
  // Every line of the file stands behind a tab, so nothing in it can look like a header.
  for (const row of answer.stdout.toString('latin1').split('\n')) {
    const [, from, number, final] = /^([0-9a-f]{40,64}) (\d+) (\d+)/.exec(row) ?? [];
    if (from !== undefined) rows[Number(final) - 1] = `${from}:${number}`;
  }
  return rows;
}
