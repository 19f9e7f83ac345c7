/** What every effect needs at hand: the ledger, the repository, the operator's configuration, and where a run's files lie. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineName } from '../loop/definition/definition.ts';
import { InfraError } from '../loop/errors.ts';
import { NOTES } from '../loop/prompt/memory.ts';
import type { RunState } from '../loop/state.ts';
import { itemFileOf } from '../loop/triage/by-reference.ts';
import type { AgentId, RunId } from '../loop/units.ts';
import type { Discoverer } from './discover.ts';
import { loopEnvironment } from './environment.ts';
import type { Repository } from './git/repository.ts';
import type { Ledger } from './ledger.ts';
import type { RulesFile } from './memory/rules-file.ts';
import type { Meter } from './meter/meter.ts';
import type { Wire } from './wire/wire.ts';

export interface House {
  readonly ledger: Ledger;
  readonly repository: Repository;
  readonly meter: Meter;
  /** By the path of their file, relative to the repository. */
  rules(file: string): RulesFile;
  /** Null when it could not listen: then everything is metered by events. */
  readonly wire: Wire | null;
  /** Command line of an engine by the operator's configuration, or its plain name. */
  command(engine: EngineName): readonly string[];
  /** Runs the `discover` of a loop and reads what it found. */
  readonly discover: Discoverer['discover'];
  /** For words that belong to no run. */
  log(text: string): void;
}

/** The folder that looptop owns inside a repository. */
export const homeOf = (root: string): string => join(root, '.looptop');

export const runFolder = (house: House, run: RunId): string => join(homeOf(house.repository.root), 'runs', run);

export const agentFolder = (house: House, run: RunId, agent: AgentId): string => join(runFolder(house, run), agent);

export const gateFolder = (house: House, run: RunId, pass: number, gate: string): string =>
  join(runFolder(house, run), `${pass}-gate-${gate}`);

/** For what is run on its way to its target, by the name of the gate or of the step. */
export const landingFolder = (house: House, run: RunId, what: string): string =>
  join(runFolder(house, run), `landing-${what}`);

/** Where the item of a run lies as JSON, absolute. */
export const itemFile = (house: House, { id }: Pick<RunState, 'id'>): string =>
  join(house.repository.root, itemFileOf({ id }));

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

/** The environment of everything a run starts. The process room adds the run's mark. */
export function runEnvironment(
  house: House,
  run: RunState,
  outer: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  return {
    ...loopEnvironment(outer),
    LOOPTOP_RUN_ID: run.id,
    LOOPTOP_PASS: String(run.pass),
    LOOPTOP_MODEL: run.model,
    ...itemVariable(house, run),
  };
}

/** An untrusted item is a file: nothing of it may end up in a command by way of a variable. */
function itemVariable(house: House, run: RunState): Record<string, string> {
  if (run.item === null) return {};
  if (run.trust === 'untrusted') return { LOOPTOP_ITEM_FILE: itemFile(house, run) };
  return { LOOPTOP_ITEM: JSON.stringify(run.item) };
}

/** What only agents get on top: where their supervisor is found, and where they note what the next one should know. */
export const agentEnvironment = (house: House, run: RunState): Record<string, string> => ({
  LOOPTOP_REPOSITORY: house.repository.root,
  LOOPTOP_PROGRESS: join(worktreeOf(run), NOTES),
});
