/** Diffs for the tests: what the real git prints of two trees, and hostile text in the shape of one. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DiffFile, Hunk } from '../../../source/loop/review/parse.ts';

export type Tree = Readonly<Record<string, string | Buffer | { readonly text: string; readonly executable: true }>>;

/** A repository in a throw-away folder. */
export class Repo implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'looptop-review-'));

  constructor() {
    this.git('init', '--quiet', '--initial-branch=main');
  }

  git(...args: string[]): string {
    return this.input('', ...args);
  }

  input(input: string, ...args: string[]): string {
    const env = {
      PATH: process.env.PATH,
      HOME: this.root,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'ada',
      GIT_AUTHOR_EMAIL: 'ada@localhost',
      GIT_COMMITTER_NAME: 'ada',
      GIT_COMMITTER_EMAIL: 'ada@localhost',
    };
    return execFileSync('git', ['-C', this.root, ...args], { env, input, encoding: 'utf8', maxBuffer: 1 << 28 });
  }

  /** Makes the tree the whole content of a new commit. */
  commit(tree: Tree): string {
    this.git('rm', '-rqf', '--ignore-unmatch', '.');
    for (const [path, content] of Object.entries(tree)) {
      const file = join(this.root, path);
      mkdirSync(dirname(file), { recursive: true });
      const isPlain = typeof content === 'string' || Buffer.isBuffer(content);
      writeFileSync(file, isPlain ? content : content.text);
      if (!isPlain) chmodSync(file, 0o755);
    }
    this.git('add', '--all', '.');
    this.git('commit', '--quiet', '--allow-empty', '--message=change');
    return this.git('rev-parse', 'HEAD').trim();
  }

  diff(from: string, to: string): string {
    return this.git('diff-tree', '-r', '-M', '--patch', '--src-prefix=a/', '--dst-prefix=b/', from, to);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The diff from one tree to another, as git prints it. */
export function diffOf(before: Tree, after: Tree): string {
  using repo = new Repo();
  return repo.diff(repo.commit(before), repo.commit(after));
}

/** A diff of one file with so many changed lines, in hunks of twelve. */
export function longDiff(lines: number, path = 'src/long.ts'): string {
  const rows = [`diff --git a/${path} b/${path}`, 'index 111..222 100644', `--- a/${path}`, `+++ b/${path}`];
  for (let at = 0, line = 1; at < lines; at += 12, line += 40) {
    rows.push(`@@ -${line},12 +${line},12 @@ function part${line}() {`);
    for (let row = 0; row < 3; row++) rows.push(`   const kept${row} = "same"; // as before`);
    for (let row = 0; row < 6; row++) rows.push(`-  total += price(item${row}, ${at + row}, "old");`);
    for (let row = 0; row < 6; row++)
      rows.push(`+  total += await price(item${row}, ${at + row}, "new", { round: true });`);
    for (let row = 0; row < 3; row++) rows.push(`   return total${row};`);
  }
  return `${rows.join('\n')}\n`;
}

const SIGN = { same: ' ', added: '+', removed: '-' } as const;

/** The patch that `patchId` is the id of, as text for git. */
export const patchOf = (file: Pick<DiffFile, 'header'>, hunk: Hunk): string =>
  [
    ...file.header,
    `@@ -${hunk.before},${hunk.lines.filter(({ kind }) => kind !== 'added').length} +${hunk.after},${hunk.lines.filter(({ kind }) => kind !== 'removed').length} @@`,
    ...hunk.lines.flatMap(({ kind, text, bare }) => [
      `${SIGN[kind]}${text}`,
      ...(bare ? ['\\ No newline at end of file'] : []),
    ]),
    '',
  ].join('\n');
