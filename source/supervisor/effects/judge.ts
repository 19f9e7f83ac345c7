/** Runs one gate of a run and journals what it showed. Gates can be run again at any time, so a crash or a freeze simply starts them anew. */
import type { MachineGate } from '../../loop/definition/gates.ts';
import type { RunId } from '../../loop/units.ts';
import { gateFolder, type House, runOf, standingWorktree } from '../house.ts';
import { killTree } from '../process/kill.ts';
import { showGate } from './show-gate.ts';

export async function judge(
  house: House,
  id: RunId,
  pass: number,
  gate: MachineGate,
  signal: AbortSignal,
): Promise<void> {
  const run = runOf(house, id);
  // What an earlier supervisor's gate may have left behind.
  await killTree(run.nonce, null, { politeMs: 0 });
  const worktree = await standingWorktree(run);
  await house.ledger.record({ type: 'gate-started', run: id, pass, gate: gate.id });
  const dir = gateFolder(house, id, pass, gate.id);
  const place = { worktree, base: run.base, dir, bar: run.bars[gate.id] ?? null };
  const outcome = await showGate(house, run, gate, place, signal);
  if (signal.aborted) return;
  await house.ledger.record({ type: 'gate-ended', run: id, pass, gate: gate.id, ...outcome });
}
