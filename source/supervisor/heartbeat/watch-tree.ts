/**
 * Says which files below a folder change, by one kernel watch for each folder that can hold one: an idle repository costs nothing.
 * It follows no link, looks into no other repository or worktree, and reads no file.
 */
import { type FSWatcher, watch } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../memory/has-code.ts';
import { type Globs, globsOf } from './globs.ts';

/** Linux allows 8,192 watches a user where nobody has raised it; other programs want some too. */
const FOLDERS_MOST = 4000;

export interface TreeSpec {
  readonly root: string;
  readonly globs: readonly string[];
  /** A file that the globs mean was made, changed, moved or removed; relative to the root. */
  changed(path: string): void;
  /** From now on every change is seen. */
  ready(): Promise<void>;
}

/** Resolves when `signal` is aborted. Rejects when there are too many folders, or the system has no watches left. */
export async function watchTree(spec: TreeSpec, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const failed = Promise.withResolvers<never>();
  // It may fail while nobody waits yet.
  failed.promise.catch(() => {});
  const folders = new Folders(await realpath(spec.root), globsOf(spec.globs), spec.changed, failed.reject);
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  try {
    await folders.open('', false);
    await spec.ready();
    if (!signal.aborted) await Promise.race([aborted, failed.promise]);
  } finally {
    folders.close();
  }
}

interface Watched {
  readonly watcher: FSWatcher;
  /** Inode and birth: another folder of the same name needs another watch, and ext4 gives it the same inode. */
  readonly identity: string;
}

class Folders {
  readonly #root: string;
  readonly #globs: Globs;
  readonly #changed: (path: string) => void;
  readonly #failed: (cause: unknown) => void;
  readonly #watched = new Map<string, Watched>();
  #closed = false;

  constructor(root: string, globs: Globs, changed: (path: string) => void, failed: (cause: unknown) => void) {
    this.#root = root;
    this.#globs = globs;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Watches `folder` and those below it. `news`: it has just come, so the files in it are changes. */
  async open(folder: string, news: boolean): Promise<void> {
    const path = join(this.#root, folder);
    const identity = await this.#identityOf(folder);
    if (identity === null || this.#closed) return;
    const known = this.#watched.get(folder);
    if (known?.identity === identity) return;
    this.#forget(folder);
    if (this.#watched.size >= FOLDERS_MOST)
      throw new Error(`more than ${FOLDERS_MOST} folders lie below its paths: name narrower ones`);
    const watcher = this.#watch(path, folder);
    watcher.on('error', () => this.#forget(folder));
    this.#watched.set(folder, { watcher, identity });
    for (const entry of await readdir(path, { withFileTypes: true }).catch(gone)) {
      const below = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await this.open(below, news);
      else if (news && this.#globs.matches(below)) this.#changed(below);
    }
  }

  #watch(path: string, folder: string): FSWatcher {
    try {
      return watch(path, (_event, name) => this.#heard(folder, name));
    } catch (error) {
      // Linux says ENOSPC, which everywhere else means a full disk.
      if (!hasCode(error, 'ENOSPC') && !hasCode(error, 'EMFILE')) throw error;
      throw new Error('the system has no watches left (fs.inotify.max_user_watches, max_user_instances)');
    }
  }

  close(): void {
    this.#closed = true;
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  /** Null for what is no folder of this repository that can hold a file that is meant. */
  async #identityOf(folder: string): Promise<string | null> {
    if (!this.#globs.mayHold(folder)) return null;
    const path = join(this.#root, folder);
    try {
      const stats = await lstat(path);
      // A folder above may have become a link since.
      if (!stats.isDirectory() || (await realpath(path)) !== path) return null;
      return folder !== '' && (await exists(join(path, '.git'))) ? null : `${stats.ino} ${stats.birthtimeMs}`;
    } catch (error) {
      if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR') || hasCode(error, 'EACCES')) return null;
      throw error;
    }
  }

  #heard(folder: string, name: string | null): void {
    if (this.#closed || name === null) return;
    const path = folder === '' ? name : `${folder}/${name}`;
    if (this.#globs.matches(path)) this.#changed(path);
    if (!this.#globs.mayHold(path)) return;
    this.#look(path).catch((cause: unknown) => {
      if (!this.#closed) this.#failed(cause);
    });
  }

  async #look(path: string): Promise<void> {
    if ((await this.#identityOf(path)) !== null) await this.open(path, true);
    // Moved away as a whole, it says nothing of the files in it.
    else if (this.#forget(path) && !this.#closed) this.#changed(`${path}/`);
  }

  /** Whether it was watched. */
  #forget(folder: string): boolean {
    let known = false;
    for (const [path, { watcher }] of this.#watched) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      known = true;
      watcher.close();
      this.#watched.delete(path);
    }
    return known;
  }
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

function gone(error: unknown): [] {
  if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR') || hasCode(error, 'EACCES')) return [];
  throw error;
}
