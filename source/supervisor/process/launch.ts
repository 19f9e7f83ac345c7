/** Starts one agent so that neither a crash nor an upgrade of the supervisor costs it anything: detached, its output in files. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stdin } from '../../agents/engine.ts';
import type { Containment, ProcessIdentity } from '../../loop/state.ts';
import { DEFAULT_PATH, findBinary } from './command.ts';
import { isAlive } from './identity.ts';
import { isClaimed, readAgent, readExit, readShim } from './record.ts';
import { SHIM } from './shim.ts';
import { makeCgroup } from './tree/cgroup.ts';
import { checkMark, FOLDER_VARIABLE, readVariable, SHIM_VARIABLE } from './tree/mark.ts';
import { readEnvironment } from './tree/table.ts';
import { tree } from './tree/tree.ts';

/** From fork to `pid` takes 10 ms; a machine that needs a thousand times as long starts nothing useful. */
const START_LIMIT_MS = 10_000;
const POLL_MS = 5;

export interface LaunchSpec {
  /** Its own folder; made when missing. One folder, one agent, for ever. */
  readonly dir: string;
  readonly argv: readonly [string, ...string[]];
  /** The whole environment of the agent; only LOOPTOP_RUN, and PATH when it has none, are added. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: Stdin;
  readonly mark: string;
}

export interface Launched {
  /** The agent's own process, not its shim's; the leader of its session and group where `setsid` exists. */
  readonly process: ProcessIdentity;
  readonly containment: Containment;
}

/** The agent could not be started for a reason that may pass: no processes or memory left, a missing folder, a full disk. */
export class LaunchFailed extends Error {
  override readonly name = 'LaunchFailed';
}

/**
 * Starts the agent, or finds the one that was started in `dir` before: the folder is claimed once. Resolves when its
 * process exists, which may have ended by then.
 * @throws MissingBinary before anything is touched
 * @throws LaunchFailed
 */
export async function launch(spec: LaunchSpec): Promise<Launched> {
  checkMark(spec.mark);
  findBinary(spec.argv[0], spec.env.PATH, spec.cwd);
  if (!statSync(spec.cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw new LaunchFailed(`cannot start ${spec.argv[0]}: there is no folder ${spec.cwd}`);
  }
  const dir = resolve(spec.dir);
  writeFiles(dir, spec.stdin);
  const shimEnded = await startShim(dir, spec);
  const launched = await untilStarted(dir, spec.mark, shimEnded);
  if (launched === null) throw new LaunchFailed(`cannot start ${spec.argv[0]}: ${lastWords(dir)}`);
  return launched;
}

/** Waits for the agent of a claimed folder to exist; null when nobody is left who could start it. */
export async function untilStarted(dir: string, mark: string, shimEnded: () => boolean): Promise<Launched | null> {
  const deadline = performance.now() + START_LIMIT_MS;
  for (let hopeless = 0; ; ) {
    const agent = readAgent(dir);
    if (agent !== null) return agent;
    if (readExit(dir) !== null) return null;
    hopeless = shimEnded() && !hasShim(dir, mark) ? hopeless + 1 : 0;
    // Twice: between our two looks the shim may have written both files and gone.
    if (hopeless === 2 || performance.now() > deadline) return null;
    await sleep(POLL_MS);
  }
}

/** Whether the shim that claimed `dir` lives. Before it has written who it is, only a look at all processes tells. */
export function hasShim(dir: string, mark: string): boolean {
  const shim = readShim(dir);
  if (shim !== null) return isAlive(shim);
  return tree(mark, []).shims.some(
    ({ process }) => readVariable(readEnvironment(process.pid), FOLDER_VARIABLE) === resolve(dir),
  );
}

function writeFiles(dir: string, stdin: Stdin): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    write(join(dir, 'shim'), SHIM);
    if (stdin.kind === 'text') write(join(dir, 'stdin'), stdin.text);
    if (stdin.kind === 'live') write(join(dir, 'first'), stdin.first);
  } catch (cause) {
    throw new LaunchFailed(`cannot write into ${dir}`, { cause });
  }
}

/** By rename: another launch of this folder may be reading the same file. */
function write(file: string, text: string): void {
  const fresh = `${file}.${randomUUID()}`;
  writeFileSync(fresh, text, { mode: 0o600 });
  renameSync(fresh, file);
}

async function startShim(dir: string, { argv, cwd, env, mark, stdin }: LaunchSpec): Promise<() => boolean> {
  const shim = spawn('/bin/sh', [join(dir, 'shim'), dir, mark, stdin.kind, makeCgroup(mark) ?? '', ...argv], {
    cwd,
    env: { PATH: DEFAULT_PATH, ...env, [SHIM_VARIABLE]: mark, [FOLDER_VARIABLE]: dir },
    detached: true,
    stdio: 'ignore',
  });
  try {
    await once(shim, 'spawn');
  } catch (cause) {
    throw new LaunchFailed(`cannot start a process for ${argv[0]}`, { cause });
  }
  shim.unref();
  return () => shim.exitCode !== null || shim.signalCode !== null;
}

function lastWords(dir: string): string {
  if (!isClaimed(dir)) return 'its shim ended before it began';
  try {
    return readFileSync(join(dir, 'err'), 'utf8').trim().split('\n').at(-1) || 'its shim ended without a word';
  } catch {
    return 'its shim ended without a word';
  }
}
