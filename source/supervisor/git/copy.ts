/** Copies untracked files of the main checkout (a .env, a local configuration) into a worktree. Never out of either of the two. */
import { constants } from 'node:fs';
import { cp, lstat, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { ConfigError } from '../../loop/errors.ts';
import { git } from './call.ts';
import { absent, type Ground, inRoot, isInside, printable, realPlace } from './paths.ts';

/**
 * Copies each of `paths` (relative to the repository; files or folders) and returns those that were copied. Tracked files
 * are in the worktree already and are left alone. Throws ConfigError for a path that is missing or leads outside.
 */
export async function copyInto(ground: Ground, worktree: string, paths: readonly string[]): Promise<string[]> {
  const copied: string[] = [];
  for (const path of paths) {
    const clean = checkPath(path);
    if (await isTracked(ground, clean)) continue;
    await copyOne(ground.root, worktree, clean);
    copied.push(clean);
  }
  return copied;
}

function checkPath(path: string): string {
  const clean = normalize(path).replace(/\/+$/, '');
  const [first = ''] = clean.split('/');
  if (isAbsolute(path) || first === '..' || clean === '.' || clean === '' || path.includes('\0')) {
    throw new ConfigError(`copy: '${printable(path)}' must be a path inside the repository, relative to its top`);
  }
  if (clean.split('/').some((part) => part.toLowerCase() === '.git')) {
    throw new ConfigError(`copy: '${printable(path)}' belongs to git and cannot be copied`);
  }
  return clean;
}

async function isTracked(ground: Ground, path: string): Promise<boolean> {
  return (await git(['ls-files', '-z', '--', `:(top,literal)${path}`], inRoot(ground))) !== '';
}

async function copyOne(root: string, worktree: string, path: string): Promise<void> {
  const from = await realpath(join(root, path)).catch(absent);
  if (from === null)
    throw new ConfigError(`copy: '${printable(path)}' is not in ${root}: create it or drop it from the loop`);
  if (!isInside(root, from)) throw leadsOutside(path);
  const to = join(worktree, path);
  await mkdirInside(worktree, dirname(to), path);
  // A link at the destination, dangling or not, would be written through.
  const there = await lstat(to).catch(absent);
  if (there?.isSymbolicLink()) throw leadsOutside(path);

  await cp(from, to, {
    recursive: (await stat(from)).isDirectory(),
    mode: constants.COPYFILE_FICLONE,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    // Links inside a copied folder are copied as links, so they must stay inside too.
    filter: async (source) => {
      const target = await realpath(source).catch(absent);
      if (target !== null && !isInside(root, target)) throw leadsOutside(path);
      return true;
    },
  });
}

/** Makes `folder`, once it is known to be in the worktree for real. */
async function mkdirInside(worktree: string, folder: string, path: string): Promise<void> {
  if (!isInside(worktree, await realPlace(folder))) throw leadsOutside(path);
  await mkdir(folder, { recursive: true });
}

const leadsOutside = (path: string) =>
  new ConfigError(`copy: '${printable(path)}' leads outside through a symbolic link and is not copied`);
