/**
 * Finds the books of one agent process (`agents/engine`) and reads them as they grow. What their lines mean is the engine's to say;
 * which of them count is told by offsets that are journaled with what they meant.
 */
import { closeSync, type FSWatcher, openSync, readdirSync, readSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Books, BooksOf } from '../agents/engine.ts';
import { type Batch, tail } from './tail.ts';

/** The file of a session is there within 0.1 s of its first words; until then every 20 ms count against the caps. */
const EAGER_MS = 20;
const EAGER_LOOKS = 500;
/** What a missed watch event costs at most. Network file systems send none at all. */
const CALM_MS = 2000;
/** Codex's first line holds its whole instructions: 22 kB. */
const FIRST_LINE_BYTES = 256 * 1024;
/** Owners of files that are remembered: first lines never change, and every agent looks at the same folders. */
const OWNERS_KEPT = 20_000;

/** Lines of one book, by the file's own name: it is unique among all books of a session. */
export interface Page {
  readonly file: string;
  readonly lines: Batch;
}

const owners = new Map<string, string | null>();

/** How long the books of a session are now, by file name: what earlier processes wrote. */
export function lengthsOf(books: Books, of: BooksOf): Record<string, number> {
  const files = [...find(books, of, new Set())];
  return Object.fromEntries(
    files.map(({ path, name }) => [name, statSync(path, { throwIfNoEntry: false })?.size ?? 0]),
  );
}

export class OpenBooks implements Disposable {
  readonly #books: Books;
  readonly #of: Omit<BooksOf, 'session' | 'at'>;
  readonly #add: (pages: AsyncIterable<Page>) => void;
  readonly #signal: AbortSignal;
  readonly #read = new Set<string>();
  readonly #drains: (() => void)[] = [];
  readonly #watchers = new Map<string, FSWatcher>();
  #session: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  #began = 0;

  /** `add` takes the pages of each file that is found. */
  constructor(
    books: Books,
    of: Omit<BooksOf, 'session' | 'at'>,
    add: (pages: AsyncIterable<Page>) => void,
    signal: AbortSignal,
  ) {
    this.#books = books;
    this.#of = of;
    this.#add = add;
    this.#signal = signal;
  }

  /** Milliseconds for which its session has been known and none of its files was found; 0 when one was, or need not be. */
  get missingMs(): number {
    if (this.#session === null || this.#read.size > 0 || this.#books.when === 'end') return 0;
    return performance.now() - this.#began;
  }

  /** Whether a file was found. */
  get found(): boolean {
    return this.#read.size > 0;
  }

  /** Its session is known: from now on its files are looked for. */
  begin(session: string): void {
    if (this.#session !== null || session === '') return;
    this.#session = session;
    this.#began = performance.now();
    if (this.#books.when === 'live') this.#look();
  }

  /** Nobody writes any more: the last files are found, and all are read to their end. */
  finish(): void {
    this[Symbol.dispose]();
    this.#open();
    for (const drain of this.#drains) drain();
  }

  /** Looks for no more files. Those that were found are read on. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #look(): void {
    if (this.#signal.aborted) return;
    const settled = this.#open();
    this.#watch();
    const eager = !settled && this.#looks++ < EAGER_LOOKS;
    this.#timer = setTimeout(() => this.#look(), eager ? EAGER_MS : CALM_MS);
  }

  /** True when there is nothing to wait for: the session has a file, and every file has a first line. */
  #open(): boolean {
    if (this.#session === null) return true;
    const of = { ...this.#of, session: this.#session, at: Date.now() };
    const unread = { any: false };
    for (const { path, name } of find(this.#books, of, this.#read, unread)) {
      this.#read.add(path);
      const lines = tail(path, 0, this.#signal);
      this.#drains.push(lines.drain);
      this.#add(pages(name, lines));
    }
    return this.#read.size > 0 && !unread.any;
  }

  #watch(): void {
    if (this.#session === null) return;
    for (const { folder } of this.#books.shelves({ ...this.#of, session: this.#session, at: Date.now() })) {
      if (this.#watchers.has(folder)) continue;
      const watcher = tryToWatch(folder, () => {
        clearTimeout(this.#timer);
        this.#looks = 0;
        this.#look();
      });
      if (watcher !== null) this.#watchers.set(folder, watcher);
    }
  }
}

async function* pages(file: string, lines: AsyncIterable<Batch>): AsyncGenerator<Page, void, void> {
  for await (const batch of lines) yield { file, lines: batch };
}

/** The files of the session that are not in `known`. `unread.any` becomes true when one has no first line yet. */
function* find(
  books: Books,
  of: BooksOf,
  known: ReadonlySet<string>,
  unread = { any: false },
): Generator<{ readonly path: string; readonly name: string }> {
  for (const shelf of books.shelves(of)) {
    for (const name of namesIn(shelf.folder)) {
      const path = join(shelf.folder, name);
      if (!shelf.name.test(name) || known.has(path)) continue;
      const owner = books.owner === undefined ? of.session : ownerOf(path, books.owner);
      if (owner === undefined) unread.any = true;
      else if (owner === of.session) yield { path, name };
    }
  }
}

/** Undefined while the first line is not complete. */
function ownerOf(path: string, read: (firstLine: string) => string | null): string | null | undefined {
  const known = owners.get(path);
  if (known !== undefined) return known;
  const line = firstLineOf(path);
  if (line === null) return undefined;
  const owner = read(line);
  if (owners.size >= OWNERS_KEPT) owners.clear();
  owners.set(path, owner);
  return owner;
}

/** Null while it is not complete, or when the file is gone or not ours to read. */
function firstLineOf(path: string): string | null {
  try {
    const handle = openSync(path, 'r');
    try {
      const bytes = Buffer.allocUnsafe(FIRST_LINE_BYTES);
      const length = readSync(handle, bytes, 0, FIRST_LINE_BYTES, 0);
      const end = bytes.subarray(0, length).indexOf(0x0a);
      if (end >= 0) return bytes.toString('utf8', 0, end);
      return length === FIRST_LINE_BYTES ? '' : null;
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    return isCode(error, 'ENOENT', 'EACCES') ? null : raise(error);
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    return isCode(error, 'ENOENT', 'ENOTDIR', 'EACCES') ? [] : raise(error);
  }
}

/** Null when `folder` is not there yet, or the system has no watches left. `onNew` is not told of what is written into files. */
function tryToWatch(folder: string, onNew: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, (event) => {
      if (event === 'rename') onNew();
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

const isCode = (error: unknown, ...codes: string[]) =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code);

function raise(error: unknown): never {
  throw error;
}
