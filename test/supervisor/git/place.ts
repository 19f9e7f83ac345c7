/** A real repository in a temporary folder, with a home and a global git configuration of its own; gone after the test. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

export interface Place {
  readonly folder: string;
  readonly root: string;
  readonly env: Record<string, string>;
  /** Runs the plain git of the machine, as the operator or an agent would; trimmed stdout. */
  git(...args: string[]): string;
  gitIn(cwd: string, ...args: string[]): string;
  /** Writes files under `root`, or under `at`. */
  write(files: Readonly<Record<string, string>>, at?: string): void;
}

export function emptyPlace(t: TestContext): Place {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'looptop-git-')));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const root = join(folder, 'shop');
  mkdirSync(root);
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: join(folder, 'home'),
    XDG_STATE_HOME: join(folder, 'state'),
    GIT_CONFIG_GLOBAL: join(folder, 'gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
  };
  writeFileSync(
    env.GIT_CONFIG_GLOBAL,
    '[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n',
  );
  const gitIn = (cwd: string, ...args: string[]) =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  return {
    folder,
    root,
    env,
    git: (...args) => gitIn(root, ...args),
    gitIn,
    write: (files, at = root) => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(at, name)), { recursive: true });
        writeFileSync(join(at, name), text);
      }
    },
  };
}

/** With one commit: a.txt, src/b.txt and an ignore file for `*.log` and `.env`. */
export function placeWithCommit(t: TestContext): Place {
  const place = emptyPlace(t);
  place.git('init', '--quiet');
  place.write({ 'a.txt': 'one\n', 'src/b.txt': 'two\n', '.gitignore': '*.log\n.env\n' });
  place.git('add', '.');
  place.git('commit', '--quiet', '-m', 'first');
  return place;
}
