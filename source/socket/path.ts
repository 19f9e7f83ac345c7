/** Where the supervisor of a repository listens: a socket in a folder that only this user can enter. */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, realpathSync, renameSync, type Stats, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { InfraError } from '../loop/errors.ts';

/** sun_path is 104 bytes on macOS and 108 on Linux, with a NUL at the end; Node cuts a longer path without a word. */
const LONGEST_PATH = 103;

/** The socket cannot be used, in words for the operator. */
export class SocketError extends InfraError {}

/**
 * The socket path of the repository at `repoRoot`, which must exist. Makes the folder it lies in.
 * @throws SocketError when the path is too long or the folder is not this user's alone
 */
export function socketPath(repoRoot: string, env: NodeJS.ProcessEnv = process.env): string {
  const folder = socketFolder(env);
  const path = join(folder, nameOf(repoRoot));
  const length = Buffer.byteLength(path);
  if (length > LONGEST_PATH) {
    throw new SocketError(
      `the socket path ${path} is ${length} bytes long, the system allows ${LONGEST_PATH}: set XDG_RUNTIME_DIR to a shorter folder`,
    );
  }
  makePrivate(folder);
  return path;
}

/**
 * Where a supervisor of the repository may listen, the likeliest first: a shell by ssh or cron often has another
 * XDG_RUNTIME_DIR than the one that started it, so a supervisor also writes down where it is.
 * @throws SocketError like `socketPath`
 */
export function socketPaths(repoRoot: string, env: NodeJS.ProcessEnv = process.env): string[] {
  const usual = socketPath(repoRoot, env);
  const told = readTold(repoRoot);
  return told === null || told === usual ? [usual] : [told, usual];
}

/** Writes down for every client where the supervisor listens. The folder `.looptop` must exist. */
export function tellPath(repoRoot: string, path: string): void {
  const file = toldIn(repoRoot);
  writeFileSync(`${file}.new`, `${path}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** A cloned repository may bring such a file: it is believed only when it names this repository's socket in a folder of ours alone. */
function readTold(repoRoot: string): string | null {
  let path: string;
  try {
    path = readFileSync(toldIn(repoRoot), 'utf8').trim();
  } catch {
    return null;
  }
  if (!isAbsolute(path) || Buffer.byteLength(path) > LONGEST_PATH || basename(path) !== nameOf(repoRoot)) return null;
  const folder = lstatSync(dirname(path), { throwIfNoEntry: false });
  return folder !== undefined && isOurs(folder) && (folder.mode & 0o077) === 0 ? path : null;
}

const toldIn = (repoRoot: string): string => join(realpathSync(repoRoot), '.looptop', 'socket');

const nameOf = (repoRoot: string): string =>
  `${createHash('sha256').update(realpathSync(repoRoot)).digest('hex').slice(0, 16)}.sock`;

function socketFolder(env: NodeJS.ProcessEnv): string {
  const runtime = env.XDG_RUNTIME_DIR;
  // Left over in the environment after `su`, it names another user's folder or none.
  if (runtime !== undefined && isAbsolute(runtime) && isOurs(lstatSync(runtime, { throwIfNoEntry: false }))) {
    return join(runtime, 'looptop');
  }
  return join(tmpdir(), `looptop-${userInfo().uid}`);
}

/** In a folder that others can write, somebody else may have made this name first: as a link, or as a folder of theirs. */
function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new SocketError(`cannot make the folder ${folder} for the socket`, { cause: error });
    }
  }
  const stats = lstatSync(folder);
  if (!isOurs(stats)) throw new SocketError(`${folder} is not a folder of this user: remove it or set XDG_RUNTIME_DIR`);
  if ((stats.mode & 0o077) !== 0) {
    throw new SocketError(
      `other users can enter ${folder}: remove it, or run chmod 700 on it if you trust what is in it`,
    );
  }
}

const isOurs = (stats: Stats | undefined): boolean => stats?.isDirectory() === true && stats.uid === userInfo().uid;
