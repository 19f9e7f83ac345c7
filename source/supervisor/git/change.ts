/** What a worktree changes against its base, file by file, with the content on both sides. It only reads. */
import { ask, type Call, gitFailed } from './call.ts';

export interface ChangedFile {
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed';
  readonly path: string;
  /** What it was called at the base; null for an added one. */
  readonly was: string | null;
  /** Lines added and removed as git counts them, for which a file is binary when an attribute says so. */
  readonly lines: number;
  /** Hash of its content at the base and now; null where there is none (added, deleted, a submodule). */
  readonly before: string | null;
  readonly after: string | null;
}

export interface Change {
  readonly files: readonly ChangedFile[];
  /** The content behind these hashes; null of what is larger than `most` bytes, or comes when 128 MiB are read already. */
  contents(hashes: readonly string[], most: number): Promise<ReadonlyMap<string, Buffer | null>>;
  /** A file as it was at the base; null when there was none, or it is larger than `most` bytes. */
  atBase(path: string, most: number): Promise<Buffer | null>;
}

const LISTED = ['--raw', '--numstat', '-z', '-r', '-M', '--no-abbrev', '--no-ext-diff', '--no-textconv'];

/** @param call one that can read both trees */
export async function changeBetween(base: string, tree: string, call: Call): Promise<Change> {
  const args = ['diff-tree', ...LISTED, base, tree];
  const answer = await ask(args, call);
  if (answer.code !== 0) throw gitFailed(args, call.cwd, answer);
  return {
    files: parse(answer.stdout),
    contents: (hashes, most) => contentsOf(hashes, most, call),
    atBase: (path, most) => fileAt(base, path, most, call),
  };
}

/** A file of a commit or tree. */
export async function fileAt(commit: string, path: string, most: number, call: Call): Promise<Buffer | null> {
  const name = await ask(['rev-parse', '--quiet', '--verify', '--end-of-options', `${commit}:${path}`], call);
  if (name.code !== 0) return null;
  const hash = name.stdout.toString('utf8').trim();
  return (await contentsOf([hash], most, call)).get(hash) ?? null;
}

/** Raw lines come first, one a file, then the numbers in the same order: fields end with NUL, so that any name is only a name. */
function parse(listed: Buffer): ChangedFile[] {
  const fields = listed.toString('latin1').split('\0').slice(0, -1);
  const files: Omit<ChangedFile, 'lines'>[] = [];
  let at = 0;
  for (; fields[at]?.startsWith(':'); ) {
    const [, , before = '', after = '', status = ''] = fields[at++]?.slice(1).split(' ') ?? [];
    const modes = fields[at - 1]?.slice(1).split(' ') ?? [];
    const was = text(fields[at++]);
    const path = status.startsWith('R') ? text(fields[at++]) : was;
    files.push({
      status: STATUS[status[0] ?? ''] ?? 'modified',
      path,
      was: status.startsWith('A') ? null : was,
      before: content(modes[0], before),
      after: content(modes[1], after),
    });
  }
  return files.map((file) => {
    const [added, removed, name] = fields[at++]?.split('\t') ?? [];
    // A renamed file's names stand in two fields of their own.
    if (name === '') at += 2;
    return { ...file, lines: count(added) + count(removed) };
  });
}

const STATUS: Readonly<Record<string, ChangedFile['status']>> = { A: 'added', D: 'deleted', R: 'renamed' };
const SUBMODULE = '160000';

const content = (mode: string | undefined, hash: string): string | null =>
  /^0+$/.test(hash) || mode === SUBMODULE ? null : hash;
const count = (figure: string | undefined): number => Number(figure) || 0;
const text = (bytes: string | undefined): string => Buffer.from(bytes ?? '', 'latin1').toString('utf8');

/** What is held in memory at once. */
const MOST_TOGETHER = 128 * 1024 * 1024;

/** All that are small enough, in one go. */
export async function contentsOf(
  hashes: readonly string[],
  most: number,
  call: Call,
): Promise<ReadonlyMap<string, Buffer | null>> {
  const asked = [...new Set(hashes)];
  const found = new Map<string, Buffer | null>(asked.map((hash) => [hash, null]));
  if (asked.length === 0) return found;
  const sizes = await batch('--batch-check=%(objectname) %(objecttype) %(objectsize)', asked, call);
  let room = MOST_TOGETHER;
  const small = sizes
    .toString('latin1')
    .split('\n')
    .flatMap((line) => {
      const [hash = '', type, size] = line.split(' ');
      if (type !== 'blob' || Number(size) > most || Number(size) > room) return [];
      room -= Number(size);
      return [hash];
    });
  const contents = await batch('--batch', small, call);
  for (let at = 0; at < contents.length; ) {
    const end = contents.indexOf('\n', at);
    const [hash = '', , size = '0'] = contents.toString('latin1', at, end).split(' ');
    at = end + 1 + Number(size);
    found.set(hash, contents.subarray(end + 1, at));
    at++;
  }
  return found;
}

async function batch(how: string, hashes: readonly string[], call: Call): Promise<Buffer> {
  if (hashes.length === 0) return Buffer.alloc(0);
  const args = ['cat-file', how];
  const answer = await ask(args, { ...call, input: `${hashes.join('\n')}\n` });
  if (answer.code !== 0) throw gitFailed(args, call.cwd, answer);
  return answer.stdout;
}
