/** A workbench for verbs: the program bundled once, a real repository, private folders, and if asked a supervisor's socket in front of
 * the pure core (no agents, no files), so that a verb's whole way to a fleet and back is real. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { answer } from '../../source/loop/answer.ts';
import type { Command } from '../../source/loop/command.ts';
import type { Event, Stamped } from '../../source/loop/event.ts';
import { answerFan, isFanCommand } from '../../source/loop/fanout/answer-fan.ts';
import { fold } from '../../source/loop/fold.ts';
import type { FleetState } from '../../source/loop/state.ts';
import { answerHit } from '../../source/loop/triage/promote.ts';
import { socketPath } from '../../source/socket/path.ts';
import { serve } from '../../source/socket/server.ts';

export interface Result {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

export interface Going {
  /** Resolves when stdout or stderr has said this. */
  says(words: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly result: Promise<Result>;
}

export interface Bench extends AsyncDisposable {
  readonly repository: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a verb to its end, without a terminal. */
  looptop(...args: string[]): Promise<Result>;
  start(args: readonly string[], cwd?: string): Going;
  /** Serves `state` on the repository's socket. */
  supervise(state: FleetState): Promise<Supervised>;
}

export interface Supervised {
  readonly state: FleetState;
  readonly commands: readonly { readonly command: Command; readonly by: string }[];
  tell(...events: Event[]): void;
  close(): Promise<void>;
}

export async function bench(): Promise<Bench> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'looptop-verbs-')));
  const repository = join(home, 'shop');
  const program = join(home, 'dist', 'looptop.js');
  for (const folder of ['shop', 'run', 'empty']) await mkdir(join(home, folder), { mode: 0o700 });
  await symlink(resolve('node_modules'), join(home, 'node_modules'));
  try {
    await bundle(join(home, 'dist'));
    await promisify(execFile)('git', ['init', '-q', '-b', 'main'], { cwd: repository });
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    LANG: 'C.UTF-8',
    XDG_RUNTIME_DIR: join(home, 'run'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_STATE_HOME: join(home, 'state'),
    NODE_COMPILE_CACHE: join(home, 'compiled'),
  };
  const owner = new AbortController();
  const going = new Set<Going>();

  const start: Bench['start'] = (args, cwd = repository) => {
    const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const heard = { out: '', err: '' };
    const over = new AbortController();
    const waiting = new Set<() => void>();
    child.stdout.on('data', (chunk: Buffer) => hear('out', chunk));
    child.stderr.on('data', (chunk: Buffer) => hear('err', chunk));
    const hear = (stream: 'out' | 'err', chunk: Buffer) => {
      heard[stream] += chunk.toString();
      for (const look of waiting) look();
    };
    const self: Going = {
      says: (words) =>
        new Promise((done, fail) => {
          const giveUp = () => fail(new Error(`it ended without saying ${words}: ${heard.out}${heard.err}`));
          over.signal.addEventListener('abort', giveUp);
          const look = () => {
            if (!heard.out.includes(words) && !heard.err.includes(words)) return;
            waiting.delete(look);
            done();
          };
          waiting.add(look);
          look();
        }),
      kill: (signal) => child.kill(signal),
      result: new Promise((done) => {
        child.on('close', (code, signal) => {
          going.delete(self);
          over.abort();
          done({ code, signal, ...heard });
        });
      }),
    };
    going.add(self);
    return self;
  };

  return {
    repository,
    env,
    start,
    looptop: (...args) => start(args).result,
    supervise: (state) => supervise(socketPath(repository, env), state, owner.signal),
    async [Symbol.asyncDispose]() {
      owner.abort();
      for (const each of going) each.kill('SIGKILL');
      await Promise.all([...going].map((each) => each.result));
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function supervise(path: string, begin: FleetState, signal: AbortSignal): Promise<Supervised> {
  let state = begin;
  let seq = 1;
  const commands: { command: Command; by: string }[] = [];
  const tell = (...events: Event[]) => {
    const stamped = events.map((event): Stamped => {
      seq++;
      return { seq, at: Date.now(), day: '2026-11-23', event };
    });
    state = stamped.reduce(fold, state);
    server.broadcast(stamped);
  };
  const server = await serve({
    path,
    signal,
    welcome: { version: '0.0.0', pid: process.pid },
    snapshot: () => ({ seq, state }),
    report: async () => ({ say: 'refused', text: 'no agent runs here', code: 1 }),
    command: async (command, by) => {
      commands.push({ command, by });
      if (command.do === 'down') {
        setImmediate(() => void server.close('the supervisor has ended'));
        return { say: 'done', text: 'The supervisor goes down.', run: null, seq };
      }
      if (command.do === 'reload') return { say: 'done', text: 'Read.', run: null, seq };
      if (
        command.do === 'read' ||
        command.do === 'rule-add' ||
        command.do === 'rule-approve' ||
        command.do === 'rule-retire'
      ) {
        return { say: 'refused', text: 'no files here', code: 1 };
      }
      const given = { by, now: Date.now(), random: 'ab'.repeat(16) };
      const isOfHit = command.do === 'promote' || command.do === 'dismiss';
      const answered = isOfHit
        ? answerHit(state, command, given)
        : isFanCommand(command)
          ? answerFan(state, command, given)
          : answer(state, command, given);
      if ('refused' in answered) return { say: 'refused', text: answered.refused, code: answered.code };
      tell(...answered.events);
      return { say: 'done', text: answered.text, run: answered.run, seq };
    },
  });
  return {
    commands,
    tell,
    get state() {
      return state;
    },
    close: () => server.close('the supervisor has ended'),
  };
}

/** Like source/build.js, but in pieces: a verb then loads only what it needs, and there are many to start here. */
async function bundle(outdir: string): Promise<void> {
  await build({
    entryPoints: { looptop: 'source/cli.ts', 'estimate-worker': 'source/agents/estimate-worker.ts' },
    outdir,
    splitting: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.12',
    external: ['tiktoken', '@pydantic/genai-prices'],
    alias: { 'react-devtools-core': './source/pane/no-devtools.js' },
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
}
