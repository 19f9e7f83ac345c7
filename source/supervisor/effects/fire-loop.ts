/** One firing of a loop, by whomever: what its `discover` finds new becomes its runs; without one, or with an item handed over, it is one run. */
import { type Answer, answer, type Given } from '../../loop/answer.ts';
import type { Command, Refusal } from '../../loop/command.ts';
import { discovers, startFound } from '../../loop/triage/discovery.ts';
import type { House } from '../house.ts';

/** Journals the look and the runs it leads to in one batch. Asks no model: where nothing is new, nothing begins. */
export async function fire(
  { ledger, discover }: House,
  command: Extract<Command, { do: 'run' }>,
  given: Given,
): Promise<Answer | Refusal> {
  const definition = command.item === undefined ? discovers(ledger.state, command.loop) : null;
  if (definition === null) return ledger.ask((state) => answer(state, command, given));
  const look = await discover(command.loop, definition.discover);
  if ('failed' in look) {
    await ledger.record({ type: 'discovery-failed', loop: command.loop, why: look.failed });
    return { refused: `${command.loop} cannot look for work: ${look.failed}.`, code: 1 };
  }
  return ledger.ask((state) => startFound(state, command, look.found, given));
}
