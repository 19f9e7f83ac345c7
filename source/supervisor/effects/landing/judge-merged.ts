/** Runs one gate on the merged tree. When that is not there any more, all of it begins from the top. */
import type { MachineGate } from '../../../loop/definition/gates.ts';
import { barOf } from '../../../loop/score.ts';
import type { RunState } from '../../../loop/state.ts';
import type { RunId } from '../../../loop/units.ts';
import { type House, landingFolder, runOf } from '../../house.ts';
import { killTree } from '../../process/kill.ts';
import { showGate } from '../show-gate.ts';
import { landingIn } from './landing-of.ts';

export async function landGate(house: House, id: RunId, gate: MachineGate, signal: AbortSignal): Promise<void> {
  const run = runOf(house, id);
  const landing = landingIn(run, 'gating');
  if (landing === null) return;
  const { onto } = landing.step.merged;
  await killTree(run.nonce, null, { politeMs: 0 });
  const worktree = await house.repository.landing.scratch(id);
  if (worktree === null) return house.ledger.record({ type: 'land-stale', run: id, tip: null });
  await house.ledger.record({ type: 'land-gate-started', run: id, gate: gate.id });
  const place = { worktree, base: onto, dir: landingFolder(house, id, `gate-${gate.id}`), bar: bar(house, run, gate) };
  const outcome = await showGate(house, run, gate, place, signal);
  if (signal.aborted) return;
  await house.ledger.record({ type: 'land-gate-ended', run: id, gate: gate.id, ...outcome });
}

/** The better of what the run's base had and what has landed since. */
function bar(house: House, run: RunState, gate: MachineGate): number | null {
  const own = run.bars[gate.id] ?? null;
  if (gate.type !== 'metric' || gate.ratchet === null) return own;
  return barOf(gate, own, house.ledger.state.bests[run.loop]?.[gate.id] ?? null);
}
