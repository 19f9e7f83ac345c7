/** How often a gate is tried: so many times in a row until one is red, or again and again until one is green. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MachineGate } from '../../loop/definition/gates.ts';
import type { GateOutcome } from './outcome.ts';

/** @param once tries it once, within so many milliseconds */
export async function inTurn(
  gate: MachineGate,
  once: (timeoutMs: number) => Promise<GateOutcome>,
  signal: AbortSignal | undefined,
): Promise<GateOutcome> {
  const { wait } = gate;
  if (wait === null) return repeated(gate.repeat, () => once(gate.timeoutMs));
  // Here the timeout is for all of it, the waiting included.
  const began = performance.now();
  const spent = () => performance.now() - began;
  const pause = (ms: number) => sleep(Math.min(ms, gate.timeoutMs), undefined, signal ? { signal } : {});
  await pause(wait.beforeMs);
  for (;;) {
    const outcome = await repeated(gate.repeat, () => once(Math.max(1, gate.timeoutMs - spent())));
    const every = wait.everyMs;
    if (outcome.status === 'green' || every === null || spent() + every >= gate.timeoutMs)
      return { ...outcome, ms: Math.round(spent()) };
    await pause(every);
  }
}

/** `ms` of the outcome is that of all rounds. */
async function repeated(times: number, once: () => Promise<GateOutcome>): Promise<GateOutcome> {
  let ms = 0;
  for (let round = 1; ; round++) {
    const outcome = await once();
    ms += outcome.ms;
    if (outcome.status !== 'green' || round >= times) return { ...outcome, ms };
  }
}
