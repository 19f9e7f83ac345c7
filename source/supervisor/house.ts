/** What every effect needs at hand: the ledger, the repository, the operator's configuration, and where a run's files lie. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineName } from '../loop/definition/definition.ts';
import { InfraError } from '../loop/errors.ts';
import { NOTES } from '../loop/prompt/memory.ts';
import type { RunState } from '../loop/state.ts';
import type { AgentId, RunId } from '../loop/units.ts';
import { agentGitEnv } from './git/harden.ts';
import type { Repository } from './git/repository.ts';
import type { Ledger } from './ledger.ts';
import type { RulesFile } from './memory/rules-file.ts';
import type { Meter } from './meter/meter.ts';
import type { Wire } from './wire/wire.ts';

export interface House {
  readonly ledger: Ledger;
  readonly repository: Repository;
  readonly meter: Meter;
  readonly rules: RulesFile;
  /** Null when it could not listen: then everything is metered by events. */
  readonly wire: Wire | null;
  /** Command line of an engine by the operator's configuration, or its plain name. */
  command(engine: EngineName): readonly string[];
  /** For words that belong to no run. */
  log(text: string): void;
}

/** The folder that looptop owns inside a repository. */
export const homeOf = (root: string): string => join(root, '.looptop');

export const runFolder = (house: House, run: RunId): string => join(homeOf(house.repository.root), 'runs', run);

export const agentFolder = (house: House, run: RunId, agent: AgentId): string => join(runFolder(house, run), agent);

export const gateFolder = (house: House, run: RunId, pass: number, gate: string): string =>
  join(runFolder(house, run), `${pass}-gate-${gate}`);

/** The run as it is now. Throws InfraError when the ledger does not know it, which would be a bug. */
export function runOf(house: House, id: RunId): RunState {
  const run = house.ledger.state.runs[id];
  if (run === undefined) throw new InfraError(`The ledger does not know run ${id}.`);
  return run;
}

/** The worktree of a prepared run. Throws InfraError before it is prepared. */
export function worktreeOf(run: RunState): string {
  if (run.worktree === null) throw new InfraError(`${run.id} has no worktree yet.`);
  return run.worktree;
}

/** The same, for whoever is about to work in it. Throws InfraError also when somebody has deleted it. */
export async function standingWorktree(run: RunState): Promise<string> {
  const worktree = worktreeOf(run);
  const folder = await stat(worktree).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (folder?.isDirectory()) return worktree;
  throw new InfraError(
    `the worktree ${worktree} was deleted, and with it what was not committed: start a new run (looptop run ${run.loop})`,
  );
}

/** Ours, npm's and the mark of an outer looptop: none of it is for agents and gates. */
const OURS = /^(LOOPTOP_|npm_)|^(INIT_CWD|NODE_CHANNEL_FD|NODE_COMPILE_CACHE)$/;

/** The environment of everything a run starts: the operator's, without ours. The process room adds the run's mark. */
export function runEnvironment(run: RunState, outer: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return {
    ...plainEnvironment(outer),
    LOOPTOP_RUN_ID: run.id,
    LOOPTOP_PASS: String(run.pass),
    LOOPTOP_MODEL: run.model,
    ...(run.item === null ? {} : { LOOPTOP_ITEM: JSON.stringify(run.item) }),
  };
}

/** The same for what belongs to no run. */
export function plainEnvironment(outer: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return { ...outerEnvironment(outer), ...agentGitEnv() };
}

/** The operator's environment without what looptop and npm left in it. */
export function outerEnvironment(outer: NodeJS.ProcessEnv): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(outer)) {
    if (value !== undefined && !OURS.test(name)) env[name] = value;
  }
  // The launcher sets these for React and Ink; an agent's `npm ci` under NODE_ENV=production would skip the test tools.
  if (outer.LOOPTOP_NODE_ENV !== undefined) delete env.NODE_ENV;
  if (outer.LOOPTOP_FORCE_COLOR !== undefined) delete env.FORCE_COLOR;
  return env;
}

/** What only agents get on top: where their supervisor is found, and where they note what the next one should know. */
export const agentEnvironment = (house: House, run: RunState): Record<string, string> => ({
  LOOPTOP_REPOSITORY: house.repository.root,
  LOOPTOP_PROGRESS: join(worktreeOf(run), NOTES),
});
