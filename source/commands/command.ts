/** A verb that is one command to the supervisor and one line of answer. */
import type { Command } from '../loop/command.ts';
import { UsageError } from '../loop/errors.ts';
import type { FleetState } from '../loop/state.ts';
import { type Fleet, lookAtFleet, openFleet } from './connect.ts';
import { print, printJson } from './print.ts';

/** Sends `command` and prints the answer. Only what makes something new may start a supervisor in a repository that never had one. */
export async function command(command: Command, json: boolean | undefined, make = false): Promise<void> {
  await using fleet = make ? await openFleet() : await lookAtFleet();
  await say(fleet, () => command, json);
}

/** The same, of a command that depends on what there is. */
export async function commandFor(make: (state: FleetState) => Command, json: boolean | undefined): Promise<void> {
  await using fleet = await lookAtFleet();
  await say(fleet, make, json);
}

async function say(
  fleet: Fleet | null,
  make: (state: FleetState) => Command,
  json: boolean | undefined,
): Promise<void> {
  if (fleet === null) throw new UsageError('nothing has run in this repository yet: looptop run LOOP starts a run');
  const { text, run } = await fleet.carryOut(make(fleet.state));
  if (json) printJson({ text, run });
  else print(text);
}
