/** From an operator's command about a fan to the events it causes, as `answer` does for those about runs. */
import type { Answer, Given } from '../answer.ts';
import { over } from '../budget.ts';
import type { Command, Refusal } from '../command.ts';
import type { Event } from '../event.ts';
import { newBudget } from '../new-budget.ts';
import type { FanState, FleetState } from '../state.ts';
import { fanWith } from './caps.ts';
import { openFanOf, runOfItem, tally, waitsForRelease } from './fans.ts';
import { outcomeWords, progressWords } from './words.ts';

export type FanCommand = Extract<Command, { do: 'release' | 'stop-fan' | 'budget-fan' }>;

export const isFanCommand = (command: Command): command is FanCommand =>
  command.do === 'release' || command.do === 'stop-fan' || command.do === 'budget-fan';

export function answerFan(fleet: FleetState, command: FanCommand, given: Given): Answer | Refusal {
  const fan = findFan(fleet, command.fan);
  if ('refused' in fan) return fan;
  if (fan.endedAt !== null) return refuse(`${fan.id} has ended: ${outcomeWords(tally(fleet, fan))}.`);
  switch (command.do) {
    case 'release':
      return release(fleet, fan, given);
    case 'stop-fan':
      return stop(fleet, fan, given);
    case 'budget-fan':
      return raise(fleet, fan, command, given);
  }
}

/** A fan by its id, or by its loop while that has one under way. */
export function findFan(fleet: FleetState, name: string): FanState | Refusal {
  const found = fanWith(fleet, name) ?? openFanOf(fleet, name);
  if (found !== null) return found;
  const open = Object.values(fleet.fans).filter(({ endedAt }) => endedAt === null);
  const others =
    open.length === 0
      ? 'no loop fans out now'
      : `there is ${open.map(({ id, loop }) => `${id} of ${loop}`).join(', ')}`;
  return refuse(`There is no fan ${name}: ${others}.`, 2);
}

function release(fleet: FleetState, fan: FanState, given: Given): Answer | Refusal {
  if (fan.stopped !== null) return refuse(`${fan.id} is stopped: ${fan.stopped.why}.`);
  if (fan.released) return refuse(`${fan.id} waits for nobody: ${progressWords(fleet, fan)}.`);
  const { waiting } = tally(fleet, fan);
  const early = waitsForRelease(fleet, fan) ? '' : ' before its pilot is done';
  const text = `${fan.id} is released${early}: ${waiting} ${waiting === 1 ? 'item begins' : 'items begin'}, at most ${fan.rules.maxParallel} at once.`;
  return { events: [{ type: 'fan-released', fan: fan.id, by: given.by }], text, run: null };
}

function stop(fleet: FleetState, fan: FanState, given: Given): Answer | Refusal {
  if (fan.stopped !== null) return refuse(`${fan.id} is stopped already: ${fan.stopped.why}.`);
  const { waiting, running } = tally(fleet, fan);
  const goesOn = running === 0 ? '' : `, and ${running} at work ${running === 1 ? 'goes' : 'go'} on`;
  const text = `${fan.id} is stopped: ${waiting} not begun${goesOn}.`;
  return { events: [{ type: 'fan-stopped', fan: fan.id, why: `by ${given.by}` }], text, run: null };
}

/** Runs that stood still for the cap of the fan alone go on. */
function raise(
  fleet: FleetState,
  fan: FanState,
  command: Extract<Command, { do: 'budget-fan' }>,
  given: Given,
): Answer | Refusal {
  const next = newBudget(fan.budget, command);
  if ('refused' in next) return next;
  const raised: Event = { type: 'fan-budget-raised', fan: fan.id, budget: next.budget, by: given.by };
  const after = { ...fleet, fans: { ...fleet.fans, [fan.id]: { ...fan, budget: next.budget } } };
  const freed = fan.items
    .flatMap((item) => runOfItem(fleet, item) ?? [])
    .filter((run) => {
      const hold = run.status.tag === 'open' ? run.status.hold : null;
      if (hold?.kind !== 'paused' || hold.why !== 'budget') return false;
      // A run at its own cap on passes is at rest, and stays so.
      const atRest = run.status.tag === 'open' && run.status.phase === 'reflecting';
      return !atRest && over(after, run, given.now) === null;
    });
  const goesOn =
    freed.length === 0 ? '' : ` ${freed.map(({ id }) => id).join(', ')} ${freed.length === 1 ? 'goes' : 'go'} on.`;
  return {
    events: [raised, ...freed.map(({ id }): Event => ({ type: 'resume-asked', run: id, by: given.by }))],
    text: `The budget of ${fan.id} is now ${next.words}.${goesOn}`,
    run: null,
  };
}

const refuse = (refused: string, code = 1): Refusal => ({ refused, code });
