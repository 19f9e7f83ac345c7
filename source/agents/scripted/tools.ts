/** The tools of a scripted agent. They really run and really edit, inside the folder the agent was started in. */
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';

export interface Observation {
  readonly ok: boolean;
  readonly output: string;
}

/** Claude cuts a command's output here, characters. */
const LONGEST_OUTPUT = 30_000;

/** Runs `sh -c command` in a session and group of its own, as real agents do; an abort kills that group. */
export function runShell(command: string, signal: AbortSignal): Promise<Observation> {
  return new Promise((done) => {
    const child = spawn('sh', ['-c', command], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      if (output.length < LONGEST_OUTPUT) output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const kill = () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended by itself between the abort and here.
      }
    };
    signal.addEventListener('abort', kill, { once: true });
    const finish = (ok: boolean, text: string) => {
      signal.removeEventListener('abort', kill);
      done({ ok, output: text.slice(0, LONGEST_OUTPUT).trimEnd() });
    };
    child.on('error', (error) => finish(false, error.message));
    child.on('exit', (code, by) => {
      // What a background child keeps open must not hold up the turn: take what comes within 50 ms.
      const report = () => {
        clearTimeout(patience);
        child.stdout.destroy();
        child.stderr.destroy();
        if (code === 0) finish(true, output || '(Bash completed with no output)');
        else finish(false, `Exit code ${code ?? by}\n${output}`);
      };
      const patience = setTimeout(report, 50);
      child.once('close', report);
    });
  });
}

/** Reads, writes or edits one file below the current folder. */
export async function touchFile(file: string, change: (old: string | null) => string | null): Promise<Observation> {
  const path = resolve(file);
  if (relative(process.cwd(), path).startsWith('..')) return { ok: false, output: `${file} is outside the worktree` };
  const old = await readFile(path, 'utf8').catch(() => null);
  const fresh = change(old);
  if (fresh === null) return { ok: false, output: old === null ? `${file} does not exist` : `not found in ${file}` };
  if (fresh === old) return { ok: true, output: old };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, fresh);
  return { ok: true, output: `The file ${file} has been updated.` };
}
