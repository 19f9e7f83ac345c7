/** From what the pane says was read to the event it causes. Only hunks that are to be read count, and none is read less than it was. */
import { type Answer, findRun } from '../answer.ts';
import type { Command, Refusal } from '../command.ts';
import type { FleetState } from '../state.ts';
import { better } from './owed.ts';

export function answerRead(fleet: FleetState, command: Extract<Command, { do: 'read' }>, by: string): Answer | Refusal {
  const owing = fleet.reading.landed[command.run];
  const found = findRun(fleet, command.run);
  if ('refused' in found && owing === undefined) return found;
  const run = 'refused' in found ? owing?.run : found.id;
  if (run === undefined) return { refused: `There is no run ${command.run}.`, code: 2 };
  const review = 'refused' in found ? null : found.review;
  const toRead = new Set([...(review?.hunks ?? []), ...(owing?.hunks ?? [])].map(({ id }) => id));
  if (toRead.size === 0) return { refused: `${run} has nothing that is to be read: it is not committed yet.`, code: 1 };
  const { marks } = fleet.reading;
  const hunks = command.hunks.filter(({ id, how }) => toRead.has(id) && marks[id]?.how !== better(marks[id]?.how, how));
  const text =
    hunks.length === 0
      ? 'Nothing new was read.'
      : `${hunks.length} ${hunks.length === 1 ? 'hunk' : 'hunks'} of ${run} read.`;
  return { events: hunks.length === 0 ? [] : [{ type: 'hunks-read', of: run, hunks, by }], text, run };
}
