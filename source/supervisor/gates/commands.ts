/** Runs the commands of one gate, one after the other, each with its output in files of the gate's folder. */
import { join } from 'node:path';
import { runShell, type Shell, type ShellResult } from '../process/shell.ts';
import { gateEnvironment } from './environment.ts';
import type { GateRun } from './gate-run.ts';
import { readEnd } from './output.ts';

/** One run of a command and what it printed: at most the last megabyte of each. */
export interface Ran extends ShellResult {
  readonly stdout: string;
  /** Empty where it went where stdout goes, in order. */
  readonly stderr: string;
}

export interface Commands {
  /** @param apart whether stdout and stderr are to be told apart. Rejects as `Shell.done` does. */
  run(command: string, timeoutMs: number, apart: boolean, set?: Readonly<Record<string, string>>): Promise<Ran>;
  hold(): void;
  release(): void;
}

export function openCommands(gate: Pick<GateRun, 'gate' | 'worktree' | 'dir' | 'env' | 'mark' | 'signal'>): Commands {
  let shell: Shell | null = null;
  let held = false;
  const [out, err] = [join(gate.dir, 'out'), join(gate.dir, 'err')];

  return {
    async run(command, timeoutMs, apart, set = {}) {
      shell = runShell({
        command,
        cwd: gate.worktree,
        env: { ...gateEnvironment(gate.env, gate.gate.id), ...set },
        mark: gate.mark,
        out,
        ...(apart && { err }),
        timeoutMs,
        ...(gate.signal && { signal: gate.signal }),
      });
      if (held) shell.hold();
      const result = await shell.done;
      return { ...result, stdout: await readEnd(out), stderr: apart ? await readEnd(err) : '' };
    },
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
