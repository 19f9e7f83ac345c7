/** Runs one gate of a run and journals what it showed. Gates can be run again at any time, so a crash or a freeze simply starts them anew. */
import type { GateDefinition } from '../../loop/definition/definition.ts';
import type { RunId } from '../../loop/units.ts';
import { runGate } from '../gates/gate.ts';
import { gateFolder, type House, runEnvironment, runOf, standingWorktree } from '../house.ts';
import { killTree } from '../process/kill.ts';
import { rankingsVariable } from './item-file.ts';

export async function judge(
  house: House,
  id: RunId,
  pass: number,
  gate: GateDefinition,
  signal: AbortSignal,
): Promise<void> {
  const run = runOf(house, id);
  // What an earlier supervisor's gate may have left behind.
  await killTree(run.nonce, null, { politeMs: 0 });
  const worktree = await standingWorktree(run);
  await house.ledger.record({ type: 'gate-started', run: id, pass, gate: gate.id });
  const handle = runGate({
    gate,
    worktree,
    dir: gateFolder(house, id, pass, gate.id),
    env: { ...runEnvironment(house, run), ...(await rankingsVariable(house, run)) },
    mark: run.nonce,
    signal,
  });
  const outcome = await handle.done;
  if (signal.aborted) return;
  await house.ledger.record({ type: 'gate-ended', run: id, pass, gate: gate.id, ...outcome });
}
