/** Makes a run its worktree and runs the loop's `setup` in it. Idempotent: after a crash it is simply done again. */
import { ConfigError } from '../../loop/errors.ts';
import type { RunId } from '../../loop/units.ts';
import { gateFolder, type House, runOf } from '../house.ts';
import { killTree } from '../process/kill.ts';
import { writeItem } from './item-file.ts';
import { measureBase } from './measure-base.ts';
import { provide } from './provide.ts';
import { setUp } from './set-up.ts';

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
  const failed = await setUp(house, run, made.worktree, gateFolder(house, id, 0, 'setup'), signal);
  if (signal.aborted) return;
  if (failed !== null) {
    await house.ledger.record({ type: 'run-failed', run: id, why: 'config', detail: failed });
    return;
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
  const target = await house.repository.landing.targetOf(isolation.base);
  await house.ledger.record({ type: 'prepared', run: id, ...made, target, ...measured });
}
