/** What is kept of a run: its commit on its own branch, and its worktree for as long as the loop says. */

import { demandOf } from '../../loop/definition/gates.ts';
import type { RunState } from '../../loop/state.ts';
import type { RunId } from '../../loop/units.ts';
import { type House, runOf, worktreeOf } from '../house.ts';
import { killTree } from '../process/kill.ts';

export async function commit(house: House, id: RunId): Promise<void> {
  const run = runOf(house, id);
  // Nothing of the run lives any more, so a lock in its tree is one that a killed git left.
  await house.repository.releaseLocks({ worktree: worktreeOf(run), branch: run.branch });
  const made = await house.repository.commitAll({
    worktree: worktreeOf(run),
    branch: run.branch,
    message: messageOf(run),
  });
  await house.ledger.record({ type: 'committed', run: id, ...made });
}

export async function tearDown(house: House, id: RunId): Promise<void> {
  const run = runOf(house, id);
  await killTree(run.nonce, null, { politeMs: 0 });
  const { kept } = await house.repository.removeWorktree({
    worktree: worktreeOf(run),
    branch: run.branch,
    keepDirty: true,
  });
  await house.ledger.record({ type: 'torn-down', run: id, kept });
}

function messageOf(run: RunState): string {
  const summary = run.definition.goal.split('\n')[0]?.slice(0, 72) ?? run.loop;
  const subject = run.definition.commit.replaceAll('{{summary}}', summary);
  const gates = run.definition.gates.map((gate) => `- ${gate.id}: ${demandOf(gate)}`).join('\n');
  return `${subject}\n\nRun ${run.id}, pass ${run.pass} of ${run.budget.passes}, ${run.model}. Green:\n${gates}\n`;
}
