/** A repository with a remote, and a stand-in for `gh` on the PATH that answers from files: what the shipped loops find on GitHub. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Stage } from '../stage.ts';

/** The stand-in runs gh's `--jq` through it. */
export const NO_JQ = spawnSync('jq', ['--version']).status === 0 ? false : 'needs jq';

export class GitHub {
  readonly stage: Stage;
  readonly #folder: string;

  private constructor(stage: Stage) {
    this.stage = stage;
    this.#folder = join(stage.folder, 'github');
  }

  /** `stage` gets the remote `origin`, with its branch `main`, and `gh`. */
  static async on(stage: Stage): Promise<GitHub> {
    const github = new GitHub(stage);
    const programs = join(stage.folder, 'bin');
    await mkdir(programs);
    await mkdir(github.#folder);
    const gh = join(programs, 'gh');
    await writeFile(gh, `#!/bin/sh\nexec "${process.execPath}" "${resolve('test/fixtures/gh/gh.mjs')}" "$@"\n`);
    await chmod(gh, 0o755);
    stage.env.PATH = `${programs}:${stage.env.PATH}`;
    stage.env.GH_FIXTURE = github.#folder;
    const remote = join(stage.folder, 'origin.git');
    await stage.git('init', '--quiet', '--bare', remote);
    await stage.git('remote', 'add', 'origin', remote);
    await stage.git('push', '--quiet', 'origin', 'main');
    await stage.git('fetch', '--quiet', 'origin');
    return github;
  }

  /** What GitHub says from now on. */
  async says(file: 'issues.json' | 'runs.json' | 'graphql.json', answer: unknown): Promise<void> {
    await writeFile(join(this.#folder, file), JSON.stringify(answer));
  }

  /** Each call of gh: its arguments, and where it was made. */
  async asked(): Promise<readonly { readonly argv: readonly string[]; readonly cwd: string }[]> {
    const text = await readFile(join(this.#folder, 'asked'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { argv: string[]; cwd: string });
  }

  /** Branches and commits of the remote: what only a push could change. */
  async remote(): Promise<string> {
    return (await this.stage.git('ls-remote', 'origin')).stdout;
  }
}
