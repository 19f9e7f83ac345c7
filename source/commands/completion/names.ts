/** Names of this repository for a completion: asked at every press of the tab key, so it starts nothing, waits for nobody and never complains. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Argument } from 'commander';
import { openFans } from '../../loop/fanout/fans.ts';
import { isOpen, phaseOf } from '../../loop/run-status.ts';
import type { FleetState, RunState } from '../../loop/state.ts';
import { openHits } from '../../loop/triage/hits.ts';
import { fleetIfRunning } from '../connect.ts';
import { print } from '../print.ts';
import { findRepository } from '../repository.ts';

export const NAMES = ['runs', 'known-runs', 'green-runs', 'loops', 'hits', 'fans', 'rules'] as const;
export type Names = (typeof NAMES)[number];

/** Who waits longer than this for a list has typed the name by then. */
const PATIENCE_MS = 300;
/** A name goes into a command line: whatever a repository calls its files, nothing else comes out of here. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

export function names(program: Command): void {
  program
    .command('names', { hidden: true })
    .description('names for a completion, one a line')
    .addArgument(new Argument('<what>', 'which').choices(NAMES))
    .addHelpText('after', '\nExample:\n  looptop names runs')
    .action(async (what: Names) => {
      // Outside a repository, or with a supervisor that does not answer, there is nothing to offer.
      const found = await find(what).catch(() => []);
      for (const name of found) if (PLAIN.test(name)) print(name);
    });
}

async function find(what: Names): Promise<readonly string[]> {
  if (what === 'loops') {
    const files = await readdir(join(await findRepository(), 'loops'));
    return files.flatMap((file) => (file.endsWith('.md') ? [file.slice(0, -3)] : []));
  }
  await using fleet = await fleetIfRunning(PATIENCE_MS);
  return fleet === null ? [] : namesIn(fleet.state, what);
}

function namesIn(fleet: FleetState, what: Exclude<Names, 'loops'>): readonly string[] {
  const runs = (fits: (run: RunState) => boolean) =>
    Object.values(fleet.runs)
      .filter(fits)
      .map(({ id }) => id);
  switch (what) {
    case 'runs':
      return runs(isOpen);
    case 'known-runs':
      return runs(() => true);
    case 'green-runs':
      return runs((run) => phaseOf(run) === 'review');
    case 'hits':
      return openHits(fleet).map(({ id }) => id);
    case 'fans':
      return openFans(fleet).map(({ id }) => id);
    case 'rules':
      return Object.values(fleet.rules).flatMap(({ id, status }) => (status === 'active' ? [id] : []));
  }
}
