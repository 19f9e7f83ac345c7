/**
 * A unified diff as git prints it, read into files, hunks and lines. Total: what is no diff is passed over, whatever it says. It only
 * reads; text stays as it is in the file, so whoever shows it cleans it.
 */

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
  /** Numbers of the line before and after, from 1; null where it does not stand. */
  readonly before: number | null;
  readonly after: number | null;
  /** The last line of a file that does not end in a newline. */
  readonly bare: boolean;
}

export interface Hunk {
  /** What git prints behind the second `@@`: the function around it. */
  readonly around: string;
  /** First line before and after, from 1. */
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  readonly lines: readonly DiffLine[];
}

export interface DiffFile {
  /** As it is called now; of a deleted file, as it was called. */
  readonly path: string;
  /** As it was called before; null unless it was renamed or copied. */
  readonly from: string | null;
  readonly change: 'changed' | 'added' | 'deleted' | 'renamed' | 'copied';
  readonly binary: boolean;
  /** Octal file modes where they differ, such as 100644 and 100755. */
  readonly mode: { readonly before: string; readonly after: string } | null;
  readonly added: number;
  readonly removed: number;
  /** The lines above the first hunk but those that another base changes (`index`, `similarity index`). */
  readonly header: readonly string[];
  readonly hunks: readonly Hunk[];
}

export interface Diff {
  readonly files: readonly DiffFile[];
  readonly added: number;
  readonly removed: number;
  /** Git was stopped before its end; in words. Null when all of it is here. */
  readonly cut: string | null;
}

const HUNK = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.*)$/;
const CUT = /^\.\.\. (cut after .*)$/;

/** The diff that `text` is. Never throws; lines in front of, between and behind files are passed over. */
export function parseDiff(text: string): Diff {
  const rows = text.split('\n');
  // A text that ends in a newline has no line behind it.
  if (rows.at(-1) === '') rows.pop();
  const files: DiffFile[] = [];
  let at = 0;
  let cut: string | null = null;
  while (at < rows.length) {
    const row = rows[at] ?? '';
    if (row.startsWith('diff --git ')) {
      const read = readFile(rows, at);
      files.push(read.file);
      at = read.next;
    } else {
      cut ??= CUT.exec(row)?.[1] ?? null;
      at++;
    }
  }
  return { files, added: sum(files, 'added'), removed: sum(files, 'removed'), cut };
}

const sum = (of: readonly { readonly added: number; readonly removed: number }[], what: 'added' | 'removed'): number =>
  of.reduce((total, each) => total + each[what], 0);

/** What the header lines of a file say, as far as they have been read. */
interface Header {
  before: string | null;
  after: string | null;
  change: DiffFile['change'];
  oldMode: string | null;
  newMode: string | null;
  binary: boolean;
}

function readFile(rows: readonly string[], start: number): { readonly file: DiffFile; readonly next: number } {
  const first = rows[start] ?? '';
  const named = namesOf(first.slice('diff --git '.length));
  const header: Header = { ...named, change: 'changed', oldMode: null, newMode: null, binary: false };
  const kept = [first];
  let at = start + 1;
  for (; at < rows.length; at++) {
    const row = rows[at] ?? '';
    if (row.startsWith('diff --git ') || HUNK.test(row) || !/^[A-Za-z+-]/.test(row)) break;
    heed(header, row);
    if (!/^(index|similarity index|dissimilarity index) /.test(row)) kept.push(row);
    if (row === 'GIT binary patch') {
      at = afterBinary(rows, at + 1);
      break;
    }
  }
  const hunks: Hunk[] = [];
  while (at < rows.length) {
    const match = HUNK.exec(rows[at] ?? '');
    if (match === null) break;
    const read = readHunk(rows, at + 1, match);
    hunks.push(read.hunk);
    at = read.next;
  }
  const { before, after, change, binary, oldMode, newMode } = header;
  const moved = change === 'renamed' || change === 'copied';
  const file: DiffFile = {
    path: (change === 'deleted' ? before : after) ?? before ?? '',
    from: moved ? before : null,
    change,
    binary,
    mode: oldMode !== null && newMode !== null && oldMode !== newMode ? { before: oldMode, after: newMode } : null,
    added: sum(hunks, 'added'),
    removed: sum(hunks, 'removed'),
    header: kept,
    hunks,
  };
  return { file, next: at };
}

function heed(header: Header, row: string): void {
  const value = (prefix: string): string | null => (row.startsWith(prefix) ? row.slice(prefix.length) : null);
  const removed = value('--- ');
  const added = value('+++ ');
  if (removed !== null) header.before = withoutSide(unquoted(removed), 'a/') ?? header.before;
  else if (added !== null) header.after = withoutSide(unquoted(added), 'b/') ?? header.after;
  else if (row.startsWith('new file mode ')) header.change = 'added';
  else if (row.startsWith('deleted file mode ')) header.change = 'deleted';
  else if (row.startsWith('Binary files ') || row === 'GIT binary patch') header.binary = true;
  else {
    header.oldMode = value('old mode ') ?? header.oldMode;
    header.newMode = value('new mode ') ?? header.newMode;
    for (const [word, change] of [
      ['rename', 'renamed'],
      ['copy', 'copied'],
    ] as const) {
      const from = value(`${word} from `);
      const to = value(`${word} to `);
      if (from === null && to === null) continue;
      header.change = change;
      if (from !== null) header.before = unquoted(from);
      if (to !== null) header.after = unquoted(to);
    }
  }
}

/** Of `a/x b/x`, which is not quoted and can hold spaces, only equal halves are sure; other names follow on lines of their own. */
function namesOf(names: string): { before: string | null; after: string | null } {
  if (names.startsWith('"')) {
    const end = endOfQuote(names);
    const before = withoutSide(unquoted(names.slice(0, end)), 'a/');
    return { before, after: withoutSide(unquoted(names.slice(end + 1)), 'b/') ?? before };
  }
  const half = (names.length - 1) / 2;
  const path = names.slice(2, half);
  return names.startsWith('a/') && names === `a/${path} b/${path}`
    ? { before: path, after: path }
    : { before: null, after: null };
}

/** Git ends a name that holds a blank in a tab; `/dev/null` is no name. */
function withoutSide(name: string, side: string): string | null {
  const path = name.endsWith('\t') ? name.slice(0, -1) : name;
  return path.startsWith(side) ? path.slice(side.length) : null;
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** A name as git quotes it (C-style, bytes in octal), or as it stands when it is not quoted. */
function unquoted(name: string): string {
  if (!name.startsWith('"')) return name;
  const bytes: number[] = [];
  const inner = name.slice(1, endOfQuote(name) - 1);
  const encoder = new TextEncoder();
  for (const [, octal, escaped, plain] of inner.matchAll(/\\([0-3][0-7]{2})|\\(.)|([^\\]+)/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (escaped !== undefined) bytes.push(ESCAPES[escaped] ?? escaped.charCodeAt(0) % 256);
    else bytes.push(...encoder.encode(plain ?? ''));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** Index after the closing quote of a text that begins with one. */
function endOfQuote(text: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length + 1;
}

/** A binary patch ends where the next file begins: its lines are base 85 and hold no such words. */
function afterBinary(rows: readonly string[], start: number): number {
  let at = start;
  while (at < rows.length && !(rows[at] ?? '').startsWith('diff --git ')) at++;
  return at;
}

/** The header's counts say where the hunk ends, so a line of the file that looks like a header is one of its lines. */
function readHunk(
  rows: readonly string[],
  start: number,
  [, from = '0', fromCount = '1', to = '0', toCount = '1', around = '']: RegExpExecArray,
): { readonly hunk: Hunk; readonly next: number } {
  const lines: DiffLine[] = [];
  let before = Number(from);
  let after = Number(to);
  const endBefore = before + Number(fromCount);
  const endAfter = after + Number(toCount);
  let [added, removed] = [0, 0];
  let at = start;
  for (; at < rows.length; at++) {
    const row = rows[at] ?? '';
    const sign = row[0];
    if (sign === '\\') {
      const last = lines.pop();
      if (last === undefined) break;
      lines.push({ ...last, bare: true });
      continue;
    }
    if (before >= endBefore && after >= endAfter) break;
    const text = row.slice(1);
    if (sign === '+' && after < endAfter) {
      lines.push({ kind: 'added', text, before: null, after: after++, bare: false });
      added++;
    } else if (sign === '-' && before < endBefore) {
      lines.push({ kind: 'removed', text, before: before++, after: null, bare: false });
      removed++;
    } else if ((sign === ' ' || row === '') && before < endBefore && after < endAfter) {
      // An editor or a mail may have taken the blank of an empty line.
      lines.push({ kind: 'same', text, before: before++, after: after++, bare: false });
    } else break;
  }
  return { hunk: { around, before: Number(from), after: Number(to), added, removed, lines }, next: at };
}
