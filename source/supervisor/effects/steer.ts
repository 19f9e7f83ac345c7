/** Reaches into a living run: freeze, thaw, end, tell, and the kill that is confirmed. Always the whole tree, never a pid that is not proven ours. */
import { engineOf } from '../../agents/engines.ts';
import type { AgentState, RunState } from '../../loop/state.ts';
import type { AgentId, RunId } from '../../loop/units.ts';
import { agentFolder, type House, runOf } from '../house.ts';
import { freeze as freezeTree, thaw as thawTree } from '../process/freeze.ts';
import { tell as writeLine } from '../process/input.ts';
import { killTree } from '../process/kill.ts';
import type { Launched } from '../process/launch.ts';

/** How long an agent may take to end politely before it is killed. */
export const POLITE_MS = 2000;

export async function freeze(house: House, id: RunId, agent: AgentId): Promise<void> {
  const { run, launched } = living(house, id, agent);
  if (launched === null) return;
  const { processes } = await freezeTree(run.nonce, launched);
  await house.ledger.record({ type: 'agent-frozen', run: id, agent, processes });
}

export async function thaw(house: House, id: RunId, agent: AgentId): Promise<void> {
  const { run, launched } = living(house, id, agent);
  if (launched === null) return;
  await thawTree(run.nonce, launched);
  await house.ledger.record({ type: 'agent-thawed', run: id, agent });
}

/** Ends the agent process; `attend` sees its death and journals it. */
export async function end(house: House, id: RunId, agent: AgentId, polite: boolean): Promise<void> {
  const { run, launched, state } = living(house, id, agent);
  if (!polite || state === null) {
    await killTree(run.nonce, launched, { politeMs: 0 });
    return;
  }
  const engine = engineOf(state.engine);
  const line = engine?.abilities.interrupt === 'stdin' ? engine.interrupt() : null;
  if (line !== null) await writeLine(agentFolder(house, id, agent), line);
  await killTree(run.nonce, launched, { politeMs: POLITE_MS, interrupt: 'SIGINT' });
}

export async function exterminate(house: House, id: RunId): Promise<void> {
  const run = runOf(house, id);
  const launched = launchedOf(run.agent);
  const { processes, survivors, ms } = await killTree(run.nonce, launched, { politeMs: 0 });
  await house.ledger.record({ type: 'kill-confirmed', run: id, processes, survivors, ms });
}

export async function tell(house: House, id: RunId, agent: AgentId, note: string): Promise<void> {
  const run = runOf(house, id);
  const given = run.notes.find((candidate) => candidate.id === note);
  const engine = run.agent && engineOf(run.agent.engine);
  if (given === undefined || !engine) return;
  // Only of the question that it was given for: a yes must not reach the next one.
  const asked = run.agent?.asks?.find(({ ask }) => ask === given.answers);
  const line = engine.tell(given.text, asked?.ask ?? null);
  if (line !== null && (await writeLine(agentFolder(house, id, agent), line))) {
    await house.ledger.record({ type: 'note-written', run: id, note });
  }
}

function living(
  house: House,
  id: RunId,
  agent: AgentId,
): { run: RunState; state: AgentState | null; launched: Launched | null } {
  const run = runOf(house, id);
  const state = run.agent?.id === agent ? run.agent : null;
  return { run, state, launched: launchedOf(state) };
}

/** Its process as the journal knows it; null when there is none (any more). */
export function launchedOf(agent: AgentState | null): Launched | null {
  if (agent === null || agent.fact.is === 'planned' || agent.fact.is === 'dead') return null;
  const { process, containment } = agent.fact;
  return { process, containment };
}
