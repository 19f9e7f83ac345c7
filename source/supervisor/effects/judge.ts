/** Runs one gate of a run and journals what it showed. Gates can be run again at any time, so a crash or a freeze simply starts them anew. */
import { join } from 'node:path';
import { commandOf, type MachineGate } from '../../loop/definition/gates.ts';
import type { RunState } from '../../loop/state.ts';
import type { RunId } from '../../loop/units.ts';
import { isDiskFull } from '../full-disk.ts';
import { runGate } from '../gates/gate.ts';
import type { Change } from '../git/change.ts';
import { gateFolder, type House, runEnvironment, runFolder, runOf, standingWorktree } from '../house.ts';
import { killTree } from '../process/kill.ts';

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
  // Before the gate is run: what it writes itself is not the maker's doing.
  const change = await changeOf(house, run, worktree, gate);
  const handle = runGate({
    gate,
    worktree,
    dir: gateFolder(house, id, pass, gate.id),
    env: runEnvironment(run),
    mark: run.nonce,
    signal,
    bar: run.bars[gate.id] ?? null,
    commands: commandsOf(run),
    ...(change && { change }),
    ...reference(house, run, gate),
  });
  const outcome = await handle.done;
  if (signal.aborted) return;
  await house.ledger.record({ type: 'gate-ended', run: id, pass, gate: gate.id, ...outcome });
}

/** Only a diff gate cannot do without; for the others the flags are missing then, and the log says why. */
async function changeOf(house: House, run: RunState, worktree: string, gate: MachineGate): Promise<Change | null> {
  if (run.base === null) return null;
  try {
    return await house.repository.change(worktree, run.base);
  } catch (error) {
    if (gate.type === 'diff' || isDiskFull(error)) throw error;
    house.log(`${run.id}: the change could not be read: ${String(error)}`);
    return null;
  }
}

const commandsOf = ({ definition }: RunState): string[] =>
  definition.gates.flatMap((gate) => {
    const command = commandOf(gate);
    return command === null ? [] : [command];
  });

/** The copy that was made before the first pass, and the hash that the journal has of it. */
function reference(house: House, run: RunState, gate: MachineGate) {
  const sha256 = run.references[gate.id];
  if (gate.type !== 'visual' || sha256 === undefined) return {};
  return { reference: { path: join(runFolder(house, run.id), `reference-${gate.id}.png`), sha256 } };
}
