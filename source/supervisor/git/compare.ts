/** What a worktree has that its base has not, as figures and as text. It only reads. */
import { ask, type Call, git, gitFailed } from './call.ts';

/** Renamed files count once; binary files count as files without lines. */
export interface Changes {
  readonly files: number;
  readonly added: number;
  readonly removed: number;
}

/** A diff is for eyes: nobody reads more than this many bytes of one, and a terminal need not hold them. */
const LONGEST_DIFF = 8 * 1024 * 1024;

const PLAIN = ['--no-ext-diff', '--no-textconv', '--no-color', '-r', '-M'] as const;

/** Lines added and removed between two trees or commits. */
export async function countChanges(from: string, to: string, call: Call): Promise<Changes> {
  const text = await git(['diff-tree', ...PLAIN, '--shortstat', from, to], call);
  const figure = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  return {
    files: figure(/(\d+) files? changed/),
    added: figure(/(\d+) insertions?\(\+\)/),
    removed: figure(/(\d+) deletions?\(-\)/),
  };
}

/** Paths that differ between two trees or commits, relative to the repository; a renamed file by both its names. */
export async function changedFiles(from: string, to: string, call: Call): Promise<string[]> {
  const text = await git(['diff-tree', ...PLAIN, '--no-renames', '-z', '--name-only', from, to], call);
  return text.split('\0').filter((path) => path !== '');
}

/** The unified diff between two trees or commits, cut after 8 MiB with a last line that says so. */
export async function unifiedDiff(from: string, to: string, call: Call): Promise<string> {
  const args = ['diff-tree', ...PLAIN, '--patch', '--src-prefix=a/', '--dst-prefix=b/', from, to];
  const answer = await ask(args, { ...call, limit: LONGEST_DIFF });
  if (answer.code !== 0 && !answer.cut) throw gitFailed(args, call.cwd, answer);
  const text = answer.stdout.toString('utf8');
  return answer.cut ? `${text}\n... cut after ${LONGEST_DIFF / 1024 / 1024} MiB\n` : text;
}
