/** The gates of the merged tree: all that a machine judges, in the order of their stages, and what their results come to. */
import type { LoopDefinition } from '../definition/definition.ts';
import type { MachineGate } from '../definition/gates.ts';
import { isRed } from '../run-status.ts';
import type { GateResult } from '../state.ts';

const STAGES = ['pass', 'final', 'merge'] as const;

/** What a person or a checker has said of the work is not asked again. */
export const landingGates = ({ gates, onSuccess }: LoopDefinition): MachineGate[] =>
  STAGES.flatMap((stage) =>
    [...gates, ...onSuccess.gates].filter((gate): gate is MachineGate => gate.type !== 'human' && gate.when === stage),
  );

/** The next to run; null when all have been, or a stage has shown enough. */
export function nextLandingGate(definition: LoopDefinition, results: readonly GateResult[]): MachineGate | null {
  const all = landingGates(definition);
  for (const stage of STAGES) {
    const next = all.find((gate) => gate.when === stage && isOpen(results, gate.id));
    if (next) return next;
    if (redOf(definition, results).length > 0) return null;
  }
  return null;
}

/** The required gates that are red. */
export function redOf(definition: LoopDefinition, results: readonly GateResult[]): readonly GateResult[] {
  const required = new Set(landingGates(definition).flatMap((gate) => (gate.required ? [gate.id] : [])));
  return results.filter((result) => required.has(result.id) && isRed(result));
}

function isOpen(results: readonly GateResult[], id: string): boolean {
  const status = results.find((result) => result.id === id)?.status;
  return status === undefined || status === 'pending' || status === 'running';
}
