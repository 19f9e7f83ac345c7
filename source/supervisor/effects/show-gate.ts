/** Runs one gate for a run, in a worktree of it: its own, or the one in which it is put together with its target. */
import { join } from 'node:path';
import { commandOf, type MachineGate } from '../../loop/definition/gates.ts';
import type { RunState } from '../../loop/state.ts';
import { isDiskFull } from '../full-disk.ts';
import { type GateOutcome, runGate } from '../gates/gate.ts';
import type { Change } from '../git/change.ts';
import { type House, runEnvironment, runFolder } from '../house.ts';
import { rankingsVariable } from './item-file.ts';

export interface GatePlace {
  readonly worktree: string;
  /** The commit that its changes are counted from; null for none. */
  readonly base: string | null;
  /** For its output. */
  readonly dir: string;
  /** What a ratchet may not fall behind. */
  readonly bar: number | null;
}

/** Rejects with the reason of `signal`, or when the disk is full. */
export async function showGate(
  house: House,
  run: RunState,
  gate: MachineGate,
  { worktree, base, dir, bar }: GatePlace,
  signal: AbortSignal,
): Promise<GateOutcome> {
  // Before the gate is run: what it writes itself is not the maker's doing.
  const change = await changeOf(house, run, worktree, base, gate);
  const handle = runGate({
    gate,
    worktree,
    dir,
    env: { ...runEnvironment(house, run), ...(await rankingsVariable(house, run)) },
    mark: run.nonce,
    signal,
    bar,
    commands: commandsOf(run),
    ...(change && { change }),
    ...reference(house, run, gate),
  });
  return handle.done;
}

/** Only a diff gate cannot do without; for the others the flags are missing then, and the log says why. */
async function changeOf(
  house: House,
  run: RunState,
  worktree: string,
  base: string | null,
  gate: MachineGate,
): Promise<Change | null> {
  if (base === null) return null;
  try {
    return await house.repository.change(worktree, base);
  } catch (error) {
    if (gate.type === 'diff' || isDiskFull(error)) throw error;
    house.log(`${run.id}: the change could not be read: ${String(error)}`);
    return null;
  }
}

const commandsOf = ({ definition }: RunState): string[] =>
  [...definition.gates, ...definition.onSuccess.gates].flatMap((gate) => {
    const command = commandOf(gate);
    return command === null ? [] : [command];
  });

/** The copy that was made before the first pass, and the hash that the journal has of it. */
function reference(house: House, run: RunState, gate: MachineGate) {
  const sha256 = run.references[gate.id];
  if (gate.type !== 'visual' || sha256 === undefined) return {};
  return { reference: { path: join(runFolder(house, run.id), `reference-${gate.id}.png`), sha256 } };
}
