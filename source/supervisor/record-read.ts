/** Journals what an agent was read to say, and stops the agent first when that crosses a cap. */
import { over } from '../loop/budget.ts';
import type { RunEvent } from '../loop/event.ts';
import { fold } from '../loop/fold.ts';
import type { FleetState, ProcessIdentity, RunState } from '../loop/state.ts';
import { type House, runOf } from './house.ts';
import { release, stop } from './process/brake.ts';

export type AgentRead = Extract<RunEvent, { type: 'agent-read' }>;

/**
 * Output that crosses a cap stops the agent's own process at once, before the disk is asked: journal, decision and the hunt for the
 * whole tree take tens of milliseconds, seconds on a machine that is overloaded.
 */
export async function recordRead(house: House, read: AgentRead): Promise<void> {
  const { ledger } = house;
  const process = crossesCap(ledger.state, read) ? processOf(runOf(house, read.run)) : null;
  if (process) stop(process);
  await ledger.record(read);
  // The cap was raised in the meantime: nothing else will let it go on.
  const run = runOf(house, read.run);
  if (process && run.agent?.wish.to === 'run' && over(ledger.state, run, Date.now()) === null) release(process);
}

function crossesCap(fleet: FleetState, read: AgentRead): boolean {
  if (!read.events.some((event) => event.type === 'usage')) return false;
  const at = Date.now();
  const then = fold(fleet, { seq: 0, at, day: fleet.today, event: read });
  const run = then.runs[read.run];
  return run?.status.tag === 'open' && over(then, run, at) !== null;
}

function processOf(run: RunState): ProcessIdentity | null {
  const fact = run.agent?.fact;
  return fact?.is === 'alive' ? fact.process : null;
}
