/** A verb that is one command to the supervisor and one line of answer. */
import type { Command } from '../loop/command.ts';
import { UsageError } from '../loop/errors.ts';
import { lookAtFleet, openFleet } from './connect.ts';
import { print, printJson } from './print.ts';

/** Sends `command` and prints the answer. Only what makes something new may start a supervisor in a repository that never had one. */
export async function command(command: Command, json: boolean | undefined, make = false): Promise<void> {
  await using fleet = make ? await openFleet() : await lookAtFleet();
  if (fleet === null) throw new UsageError('nothing has run in this repository yet: looptop run LOOP starts a run');
  const { text, run } = await fleet.carryOut(command);
  if (json) printJson({ text, run });
  else print(text);
}
