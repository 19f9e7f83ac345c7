/** The gate that only a person can judge: when it is asked, and what their answer is as a fact. */
import type { GateDefinition, HumanGate } from './definition/gates.ts';
import type { RunEvent } from './event.ts';
import { currentPass, isRed } from './run-status.ts';
import type { RunState } from './state.ts';

/**
 * The next gate to run; null when all have been. Of each stage a person is asked last; where a required gate of it is red
 * the pass is over before that, for nobody shall be called to look at what fails anyway.
 */
export function nextOpenGate(run: RunState): GateDefinition | null {
  const results = new Map((currentPass(run)?.gates ?? []).map((gate) => [gate.id, gate]));
  const isOpen = ({ id }: GateDefinition): boolean => {
    const status = results.get(id)?.status;
    return status === 'pending' || status === 'running';
  };
  for (const stage of ['pass', 'final'] as const) {
    const gates = run.definition.gates.filter(({ when }) => when === stage);
    const next = gates.find((gate) => gate.type !== 'human' && isOpen(gate));
    if (next) return next;
    const asked = gates.find(isOpen);
    if (asked) return asked;
  }
  return null;
}

/** A required gate of the stage is red. */
export function stageIsRed(run: RunState, stage: 'pass' | 'final'): boolean {
  const red = new Set((currentPass(run)?.gates ?? []).filter(isRed).map(({ id }) => id));
  return run.definition.gates.some(({ id, when, required }) => when === stage && required && red.has(id));
}

/** The gate for which the run waits for a person; null when it waits for none. */
export function askedGate(run: RunState): HumanGate | null {
  if (run.status.tag !== 'open' || run.status.phase !== 'gating') return null;
  const { hold } = run.status;
  if (hold?.kind !== 'paused' || hold.why !== 'approval') return null;
  const gate = nextOpenGate(run);
  return gate?.type === 'human' ? gate : null;
}

/** The person's answer, which is that gate's result. */
export const approval = (
  run: RunState,
  gate: HumanGate,
  approved: boolean,
  by: string,
): Extract<RunEvent, { type: 'gate-ended' }> => ({
  type: 'gate-ended',
  run: run.id,
  pass: run.pass,
  gate: gate.id,
  status: approved ? 'green' : 'red',
  exit: null,
  ms: 0,
  fingerprint: null,
  summary: `${approved ? 'approved' : 'refused'} by ${by}`,
  tail: approved ? '' : `${by} answered No to: ${gate.question}`,
  by,
});
