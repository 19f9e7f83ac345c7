/** A throw-away repository with its own configuration, worktrees and supervisor, driven through the built program as a user would. */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Stamped } from '../../source/loop/event.ts';
import { readJournal } from '../../source/supervisor/journal/journal.ts';

export const LAUNCHER = resolve('source/launcher.js');

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LoopSpec {
  readonly name: string;
  readonly front?: Readonly<Record<string, unknown>>;
  readonly scenario?: Readonly<Record<string, unknown>>;
}

/** Where the program runs, when that is not simply here. */
export interface Surroundings {
  /** On top of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The argv that runs `argv` there. */
  inside(argv: readonly string[]): readonly [string, ...string[]];
}

export class Stage implements AsyncDisposable {
  readonly folder: string;
  readonly root: string;
  readonly env: Record<string, string>;
  readonly #inside: Surroundings['inside'];

  private constructor(folder: string, { env, inside }: Surroundings) {
    this.folder = folder;
    this.#inside = inside;
    this.root = join(folder, 'shop');
    const outer = Object.fromEntries(
      Object.entries(process.env).filter(
        (entry): entry is [string, string] => entry[1] !== undefined && !/^(LOOPTOP_|NODE_TEST_CONTEXT)/.test(entry[0]),
      ),
    );
    this.env = {
      ...outer,
      XDG_CONFIG_HOME: join(folder, 'config'),
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_RUNTIME_DIR: join(folder, 'run'),
      LOOPTOP_IDLE_EXIT: '60s',
      GIT_AUTHOR_NAME: 'tester',
      GIT_AUTHOR_EMAIL: 'tester@localhost',
      GIT_COMMITTER_NAME: 'tester',
      GIT_COMMITTER_EMAIL: 'tester@localhost',
      ...env,
    };
  }

  /** A repository with one red test (`sh check.sh` wants `fixed` in answer.txt) and these loops, trusted. */
  static async set(
    loops: readonly LoopSpec[] = [],
    files: Readonly<Record<string, string>> = {},
    surroundings: Surroundings = HERE,
  ): Promise<Stage> {
    const stage = new Stage(await realpath(await mkdtemp(join(tmpdir(), 'looptop-e2e-'))), surroundings);
    await mkdir(stage.env.XDG_RUNTIME_DIR ?? '', { mode: 0o700 });
    await stage.write({
      'answer.txt': 'broken\n',
      'check.sh': CHECK,
      ...Object.assign({}, ...loops.map(loopFiles)),
      ...files,
    });
    await stage.git('init', '--quiet', '--initial-branch=main');
    await stage.git('add', '--all');
    await stage.git('commit', '--quiet', '--message=start');
    if (loops.length > 0) await stage.must('trust', '--yes');
    return stage;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.root, path)), { recursive: true });
      await writeFile(join(this.root, path), text);
    }
  }

  git(...args: string[]): Promise<Said> {
    return run('git', ['-C', this.root, ...args], this.env, this.folder);
  }

  /** Runs a command of the test's own in the repository; it must end well. */
  async shell(command: string): Promise<void> {
    const { code, stderr } = await run('sh', ['-ec', command], this.env, this.root);
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
  }

  /** Runs the program as a person in the repository would. */
  cli(...args: string[]): Promise<Said> {
    const [program, ...rest] = this.#inside([process.execPath, LAUNCHER, ...args]);
    return run(program, rest, this.env, existsSync(this.root) ? this.root : this.folder);
  }

  /** The same, and it must end well. */
  async must(...args: string[]): Promise<string> {
    const said = await this.cli(...args);
    if (said.code !== 0)
      throw new Error(`looptop ${args.join(' ')} ended with ${said.code}: ${said.stderr}${said.stdout}`);
    return said.stdout;
  }

  async ls(): Promise<LsRun[]> {
    return JSON.parse(await this.must('ls', '--all', '--json')) as LsRun[];
  }

  /** Waits until the run is as wanted; shows what it is when it never gets there. */
  async until(id: string, wanted: (run: LsRun) => boolean, limitMs = 30_000): Promise<LsRun> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const run = (await this.ls()).find((each) => each.id === id);
      if (run && wanted(run)) return run;
      if (performance.now() > deadline)
        throw new Error(`${id} never got there: ${JSON.stringify(run)}\n${await this.log()}`);
      await sleep(100);
    }
  }

  async events(): Promise<readonly Stamped[]> {
    return (await readJournal(join(this.root, '.looptop', 'journal'))).tail;
  }

  log(): Promise<string> {
    return readFile(join(this.root, '.looptop', 'supervisor.log'), 'utf8').catch(() => '(no supervisor.log)');
  }

  async supervisorPid(): Promise<number> {
    const { pid } = JSON.parse(await this.must('up', '--json')) as { pid: number };
    return pid;
  }

  /** A long-running verb: the child, to be ended by the caller. */
  spawn(...args: string[]) {
    const [program, ...rest] = this.#inside([process.execPath, LAUNCHER, ...args]);
    return spawn(program, rest, {
      cwd: this.root,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (existsSync(join(this.root, '.looptop'))) {
      await this.cli('kill', '--all', '--yes');
      await this.cli('down', '--now', '--yes');
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What `ls --json` prints, as far as the tests look at it. */
export interface LsRun {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly model: string;
  readonly pass: number;
  readonly branch: string;
  readonly worktree: string | null;
  readonly pid: number | null;
  readonly session: string | null;
  readonly usd: number | null;
  readonly provenance: string;
  readonly tokens: {
    readonly input: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
    readonly output: number;
    readonly fresh: number;
  };
  readonly gates: readonly { readonly id: string; readonly status: string }[];
}

const HERE: Surroundings = { env: {}, inside: ([program = '', ...args]) => [program, ...args] };

const CHECK = `grep -q fixed answer.txt || { echo "not ok - the answer is $(cat answer.txt)"; exit 1; }\n`;

export const FIX = { write: { file: 'answer.txt', text: 'fixed\n' } };

function loopFiles({ name, front, scenario }: LoopSpec): Record<string, string> {
  const maker = { engine: 'scripted', scenario: `scenarios/${name}.yaml`, model: 'standard' };
  const matter = {
    name,
    on: 'manual',
    goal: 'The answer is fixed.',
    gates: [{ id: 'check', run: 'sh check.sh' }],
    agents: { maker },
    ...front,
  };
  return {
    [`loops/${name}.md`]: `---\n${stringify(matter)}---\nFix the answer.\n`,
    ...(scenario ? { [`scenarios/${name}.yaml`]: stringify(scenario) } : {}),
  };
}

/** Pids of living processes whose environment carries `mark`, looked up apart from the product's own code. */
export async function marked(mark: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
    const state = (await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '')).split(') ')[1]?.[0];
    if (environment.includes(`LOOPTOP_RUN=${mark}`) && state !== 'Z' && state !== 'X') found.push(Number(name));
  }
  return found;
}

/** What these processes are, for the words of a failing test. */
export const described = (pids: readonly number[]): Promise<string[]> =>
  Promise.all(
    pids.map(
      async (pid) =>
        `${pid} ${(await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => 'gone')).replaceAll('\0', ' ')}`,
    ),
  );

function run(file: string, args: readonly string[], env: Record<string, string>, cwd: string): Promise<Said> {
  return new Promise((done) => {
    execFile(file, args, { env, cwd, timeout: 90_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      done({ code, stdout, stderr });
    });
  });
}
