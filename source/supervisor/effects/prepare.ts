/** Makes a run its worktree and runs the loop's `setup` in it. Idempotent: after a crash it is simply done again. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../loop/errors.ts';
import { formatDuration, type RunId } from '../../loop/units.ts';
import { gateFolder, type House, runEnvironment, runOf } from '../house.ts';
import { killTree } from '../process/kill.ts';
import { runShell } from '../process/shell.ts';
import { writeItem } from './item-file.ts';
import { measureBase } from './measure-base.ts';
import { provide } from './provide.ts';

export async function prepare(house: House, id: RunId, signal: AbortSignal): Promise<void> {
  const run = runOf(house, id);
  const { isolation } = run.definition;
  await killTree(run.nonce, null, { politeMs: 0 });
  await writeItem(house, run);
  if (isolation.type === 'none') {
    const { root } = house.repository;
    return house.ledger.record({ type: 'prepared', run: id, worktree: root, branch: run.branch, base: null });
  }
  const made = await house.repository.addWorktree({
    run: run.id,
    base: isolation.base,
    branch: isolation.branch,
    copy: isolation.copy,
    nonce: run.nonce,
  });
  try {
    await provide(house, run, made.worktree);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    await house.ledger.record({ type: 'run-failed', run: id, why: 'config', detail: error.message });
    return;
  }
  if (isolation.setup !== null) {
    const folder = gateFolder(house, id, 0, 'setup');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const out = join(folder, 'out');
    const env = { ...runEnvironment(house, run), CI: 'true' };
    const shell = runShell({
      command: isolation.setup,
      cwd: made.worktree,
      env,
      mark: run.nonce,
      out,
      timeoutMs: isolation.setupTimeoutMs,
      signal,
    });
    const { exit, timedOut } = await shell.done;
    if (signal.aborted) return;
    if (exit !== 0) {
      const how = timedOut
        ? `took longer than ${formatDuration(isolation.setupTimeoutMs)}`
        : `ended with exit code ${exit}`;
      const detail = `setup \`${isolation.setup}\` ${how}: ${lastLine(await readFile(out, 'utf8'))}`;
      await house.ledger.record({ type: 'run-failed', run: id, why: 'config', detail });
      return;
    }
  }
  const measured = await measureBase(house, run, made, signal).catch((error: unknown) => {
    if (error instanceof ConfigError) return error;
    throw error;
  });
  if (signal.aborted) return;
  if (measured instanceof ConfigError) {
    await house.ledger.record({ type: 'run-failed', run: id, why: 'config', detail: measured.message });
    return;
  }
  await house.ledger.record({ type: 'prepared', run: id, ...made, ...measured });
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1)?.trim() || '(no output)';
