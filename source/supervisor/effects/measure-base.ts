/** What is measured and frozen before the first pass, while the worktree is still the base: the bars of ratchets, the references of pictures. */
import { mkdir } from 'node:fs/promises';
import { barOf } from '../../loop/score.ts';
import type { RunState } from '../../loop/state.ts';
import { runGate } from '../gates/gate.ts';
import { freezeReference } from '../gates/picture/reference.ts';
import type { Worktree } from '../git/add.ts';
import { gateFolder, type House, runEnvironment, runFolder } from '../house.ts';

/** @throws ConfigError when the reference of a visual gate is nowhere */
export async function measureBase(
  house: House,
  run: RunState,
  { worktree, base }: Worktree,
  signal: AbortSignal,
): Promise<Pick<RunState, 'bars' | 'references'>> {
  const bars: Record<string, number> = {};
  const references: Record<string, string> = {};
  await mkdir(runFolder(house, run.id), { recursive: true, mode: 0o700 });
  for (const gate of [...run.definition.gates, ...run.definition.onSuccess.gates]) {
    if (gate.type === 'visual')
      references[gate.id] = (await freezeReference(house.repository, base, gate, runFolder(house, run.id))).sha256;
    if (gate.type !== 'metric' || gate.ratchet === null) continue;
    const { score } = await runGate({
      gate: { ...gate, wait: null, repeat: 1 },
      worktree,
      dir: gateFolder(house, run.id, 0, gate.id),
      env: runEnvironment(house, run),
      mark: run.nonce,
      signal,
    }).done;
    const bar = barOf(gate, score, house.ledger.state.bests[run.loop]?.[gate.id] ?? null);
    if (bar !== null) bars[gate.id] = bar;
  }
  return { bars, references };
}
