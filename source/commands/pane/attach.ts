/** How a person can go into a run: its agent's own session, by the engine's word, and a shell; each with why it cannot be, where it cannot. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { engineOf } from '../../agents/engines.ts';
import type { RunState } from '../../loop/state.ts';
import type { Way } from '../../pane/attach/way.ts';
import { operatorEnvironment } from '../../supervisor/environment.ts';
import { readConfiguration } from '../../supervisor/memory/configuration.ts';
import { findProgram } from '../../supervisor/process/find-program.ts';

/** The likeliest first; none for a run that is not there or has no worktree. */
export async function waysInto(run: RunState | undefined): Promise<readonly Way[]> {
  if (run === undefined || run.worktree === null) return [];
  const gone = existsSync(run.worktree) ? null : `${run.worktree} is gone`;
  const { engines } = await readConfiguration();
  const command = (engine: RunState['maker']['engine']) => engines[engine]?.command ?? [engine];
  return [sessionWay(run, run.worktree, gone, command), shellWay(run.worktree, gone)];
}

function sessionWay(
  run: RunState,
  folder: string,
  gone: string | null,
  command: (engine: RunState['maker']['engine']) => readonly string[],
): Way {
  const name = run.session?.engine ?? run.maker.engine;
  const closed = (problem: string): Way => ({ kind: 'session', label: '', argv: [name], env: {}, folder, problem });
  const attach = engineOf(name)?.attach;
  if (attach === undefined) return closed(`${name} has no session that a person could go on with.`);
  if (run.session === null) return closed(`${run.id} has no session yet.`);
  const { argv, env } = attach({ session: run.session.id, command: command(name) });
  return {
    kind: 'session',
    label: argv.map((word, at) => (at === 0 ? basename(word) : word)).join(' '),
    argv,
    env: { ...operatorEnvironment(), ...env },
    folder,
    problem: gone ?? (findProgram(argv[0]) === null ? `${argv[0]} is not on the PATH: see looptop doctor.` : null),
  };
}

function shellWay(folder: string, problem: string | null): Way {
  const shell = process.env.SHELL || '/bin/sh';
  return { kind: 'shell', label: basename(shell), argv: [shell], env: operatorEnvironment(), folder, problem };
}
