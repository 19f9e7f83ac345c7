/** Runs one gate of a loop in a run's worktree and says what it showed. The verdict is what the supervisor itself observed. */
import { mkdir } from 'node:fs/promises';
import { isDiskFull } from '../full-disk.ts';
import { gateFiles } from './change/gate-files.ts';
import { judgeChange } from './change/judge-change.ts';
import { type Commands, openCommands } from './commands.ts';
import type { GateRun } from './gate-run.ts';
import { runMetric } from './metric.ts';
import { type GateOutcome, unjudged } from './outcome.ts';
import { runCommand } from './shell.ts';
import { inTurn } from './tries.ts';
import { runVisual } from './visual.ts';

export type { GateRun } from './gate-run.ts';
export type { GateOutcome } from './outcome.ts';

export interface GateHandle {
  /**
   * Resolves when the gate and everything it started is dead: a gate that cannot be run is an outcome too (`error`).
   * Rejects only with the reason of `signal`, once it is aborted, or when the disk is full; all is dead then too.
   */
  readonly done: Promise<GateOutcome>;
  /** Holds the clock of the timeout while the run is frozen. Idempotent, as is `release`. */
  hold(): void;
  release(): void;
}

/** Starts the gate. It has to be green `gate.repeat` times in a row; the timeout is for each of them. */
export function runGate(run: GateRun): GateHandle {
  const commands = openCommands(run);
  return { done: judge(run, commands), hold: commands.hold, release: commands.release };
}

async function judge(run: GateRun, commands: Commands): Promise<GateOutcome> {
  try {
    await mkdir(run.dir, { recursive: true });
    const outcome = await inTurn(run.gate, (timeoutMs) => once(run, commands, timeoutMs), run.signal);
    return { ...outcome, flags: [...outcome.flags, ...(await tampering(run))] };
  } catch (error) {
    run.signal?.throwIfAborted();
    // The disk's verdict, not the gate's.
    if (isDiskFull(error)) throw error;
    const words = error instanceof Error ? error.message : String(error);
    return unjudged(`could not run: ${words}`);
  }
}

function once(run: GateRun, commands: Commands, timeoutMs: number): Promise<GateOutcome> {
  const { gate } = run;
  switch (gate.type) {
    case 'shell':
      return runCommand(gate, commands, timeoutMs);
    case 'metric':
      return runMetric(gate, commands, timeoutMs, run.bar ?? null);
    case 'visual':
      return runVisual(gate, run, commands, timeoutMs);
    case 'diff':
      return judgeChange(gate, run.change ?? null, run.commands ?? []);
  }
}

/** Green may be the maker's own doing: a person shall know that before they believe it. */
async function tampering({ gate, change }: GateRun): Promise<readonly string[]> {
  if (gate.type === 'diff' || change === undefined) return [];
  const command = gate.type === 'visual' ? gate.render : gate.run;
  return (await gateFiles(change, [command])).map(({ words }) => words);
}
