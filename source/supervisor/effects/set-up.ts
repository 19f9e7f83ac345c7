/** Runs the loop's `setup` in a new worktree of a run: its own, or the one in which it is put together with its target. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunState } from '../../loop/state.ts';
import { formatDuration } from '../../loop/units.ts';
import { type House, runEnvironment } from '../house.ts';
import { runShell } from '../process/shell.ts';

/** Why it could not be set up, in words; null when it is. Rejects with the reason of `signal`. */
export async function setUp(
  house: House,
  run: RunState,
  worktree: string,
  folder: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { setup, setupTimeoutMs } = run.definition.isolation;
  if (setup === null) return null;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const out = join(folder, 'out');
  const shell = runShell({
    command: setup,
    cwd: worktree,
    env: { ...runEnvironment(house, run), CI: 'true' },
    mark: run.nonce,
    out,
    timeoutMs: setupTimeoutMs,
    signal,
  });
  const { exit, timedOut } = await shell.done;
  if (exit === 0) return null;
  const how = timedOut ? `took longer than ${formatDuration(setupTimeoutMs)}` : `ended with exit code ${exit}`;
  return `setup \`${setup}\` ${how}: ${lastLine(await readFile(out, 'utf8'))}`;
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1)?.trim() || '(no output)';
