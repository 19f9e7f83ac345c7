/** Runs one gate of a loop in a run's worktree and says what it showed. The verdict is what the supervisor itself observed. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GateDefinition } from '../../loop/definition/definition.ts';
import { fingerprint } from '../../loop/fingerprint.ts';
import type { GateResult, GateStatus } from '../../loop/state.ts';
import { formatDuration } from '../../loop/units.ts';
import { isDiskFull } from '../full-disk.ts';
import { runShell, type Shell, type ShellResult } from '../process/shell.ts';
import { gateEnvironment } from './environment.ts';
import { readEnd, tailOf } from './output.ts';

export interface GateRun {
  readonly gate: GateDefinition;
  /** Where it runs. */
  readonly worktree: string;
  /** Folder for its output (`out`), made when missing. */
  readonly dir: string;
  /** The operator's environment; see `gateEnvironment` for what of it the gate gets. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the run: everything that carries it is ended before each start and after each end. */
  readonly mark: string;
  readonly signal?: AbortSignal;
}

/** As in the event `gate-ended`. `ms` is the time it ran, without the time on hold. */
export interface GateOutcome extends Omit<GateResult, 'id' | 'status'> {
  readonly status: Exclude<GateStatus, 'pending' | 'running'>;
}

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

/** Starts the gate. It has to exit 0 `gate.repeat` times in a row; the timeout is for each of them. */
export function runGate(run: GateRun): GateHandle {
  let shell: Shell | null = null;
  let held = false;

  const start = () => {
    shell = runShell({
      command: run.gate.run,
      cwd: run.worktree,
      env: gateEnvironment(run.env, run.gate.id),
      mark: run.mark,
      out: join(run.dir, 'out'),
      timeoutMs: run.gate.timeoutMs,
      ...(run.signal && { signal: run.signal }),
    });
    if (held) shell.hold();
    return shell.done;
  };

  return {
    done: judge(run, start),
    hold: () => {
      held = true;
      shell?.hold();
    },
    release: () => {
      held = false;
      shell?.release();
    },
  };
}

async function judge({ gate, dir, signal }: GateRun, start: () => Promise<ShellResult>): Promise<GateOutcome> {
  let ms = 0;
  try {
    await mkdir(dir, { recursive: true });
    for (let round = 1; ; round++) {
      const result = await start();
      ms += result.ms;
      const passed = result.exit === 0 && !result.timedOut;
      if (!passed || round >= gate.repeat)
        return await verdict(gate, await readEnd(join(dir, 'out')), { ...result, ms });
    }
  } catch (error) {
    signal?.throwIfAborted();
    // The disk's verdict, not the gate's.
    if (isDiskFull(error)) throw error;
    const words = error instanceof Error ? error.message : String(error);
    return { status: 'error', exit: null, ms, fingerprint: null, summary: `could not run: ${words}`, tail: '' };
  }
}

function verdict(gate: GateDefinition, output: string, { exit, timedOut, ms }: ShellResult): GateOutcome {
  const tail = tailOf(output);
  if (timedOut) {
    const summary = `no end after ${formatDuration(gate.timeoutMs)}`;
    return { status: 'timeout', exit: null, ms, fingerprint: null, summary, tail };
  }
  if (exit === 0) return { status: 'green', exit, ms, fingerprint: null, summary: '', tail };
  return { status: 'red', exit, ms, ...fingerprint({ exit, output }), tail };
}
