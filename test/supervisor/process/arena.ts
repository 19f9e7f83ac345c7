/** A temporary folder and a mark for one test, and the end of everything that it started, whatever became of the test. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Stdin } from '../../../source/agents/engine.ts';
import { identify, signalProcess } from '../../../source/supervisor/process/identity.ts';
import { killTree } from '../../../source/supervisor/process/kill.ts';
import { type Launched, launch } from '../../../source/supervisor/process/launch.ts';
import { makeCgroup, removeCgroup } from '../../../source/supervisor/process/tree/cgroup.ts';
import { isDead, readRow } from '../../../source/supervisor/process/tree/table.ts';

export const env = { PATH: process.env.PATH ?? '' };

export interface Arena {
  /** Is removed after the test. */
  readonly root: string;
  readonly mark: string;
  /** Digits for command lines by which `strays` finds processes. */
  readonly tag: string;
  dir(agent?: string): string;
  /** Starts an agent in `dir(agent)`, with the arena's folder as its own. */
  start(argv: readonly [string, ...string[]], options?: { agent?: string; stdin?: Stdin }): Promise<Launched>;
  out(agent?: string): string;
  /** Starts `argv` by a changed shim `script`, as a supervisor would that dies at once. */
  startBy(script: string, input: Stdin['kind'], argv: readonly string[]): void;
}

export function arena(t: TestContext): Arena {
  const root = mkdtempSync(join(tmpdir(), 'looptop-process-'));
  const tag = String(Math.floor(Math.random() * 1e12) + 1e12);
  const mark = `test-${tag}`;
  const dir = (agent = 'agent') => join(root, agent);
  t.after(async () => {
    await killTree(mark, null, { politeMs: 0 });
    for (const pid of strays(tag)) end(pid);
    rmSync(root, { recursive: true, force: true });
  });
  return {
    root,
    mark,
    tag,
    dir,
    start: (argv, { agent, stdin } = {}) =>
      launch({ dir: dir(agent), argv, env, cwd: root, stdin: stdin ?? { kind: 'none' }, mark }),
    startBy: (script, input, argv) => {
      mkdirSync(dir(), { recursive: true });
      const shim = spawn('/bin/sh', ['-c', script, 'shim', dir(), mark, input, '', ...argv], {
        cwd: root,
        env: { ...env, LOOPTOP_SHIM: mark, LOOPTOP_DIR: dir() },
        detached: true,
        stdio: 'ignore',
      });
      t.after(() => shim.kill('SIGKILL'));
    },
    out: (agent) => readFileSync(join(dir(agent), 'out'), 'utf8'),
  };
}

/** Pids of living processes with `tag` in their command line: found without the code under test. */
export function strays(tag: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const row = readRow(pid);
      return row !== null && !isDead(row) && commandLine(pid).includes(tag) && pid !== process.pid;
    });
}

export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

export function end(pid: number): void {
  const identity = identify(pid);
  if (identity !== null) signalProcess(identity, 'SIGKILL');
}

/** Polls until `holds` does. Throws after `limitMs`. */
export async function until(what: string, holds: () => boolean, limitMs = 10_000): Promise<void> {
  for (const deadline = Date.now() + limitMs; !holds(); await sleep(10)) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
  }
}

export const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/process/${name}`, import.meta.url));

/** Both ways of holding a tree; the first is null where the system does not let us make a cgroup. */
export const containments = ['cgroup', 'marked'] as const;

/** Forces the way for the rest of this test file's process; returns why it cannot be had, false when it can. */
export function contain(containment: (typeof containments)[number]): string | false {
  if (containment === 'marked') process.env.LOOPTOP_CONTAINMENT = 'marked';
  else delete process.env.LOOPTOP_CONTAINMENT;
  if (containment === 'marked') return false;
  const probe = makeCgroup('test-probe');
  if (probe === null) return 'no cgroup can be made here';
  removeCgroup(probe);
  return false;
}
