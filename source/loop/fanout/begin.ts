/** From what a loop's command listed to a fan of items, none of which has begun. */
import { type Answer, type Given, startable } from '../answer.ts';
import type { Command, Refusal } from '../command.ts';
import type { Discovery, FanOut } from '../definition/definition.ts';
import type { FleetState } from '../state.ts';
import type { Candidate } from '../triage/candidates.ts';
import { openFanOf } from './fans.ts';
import { progressWords } from './words.ts';

/** The fan of these items, or why there is none. `taken` is not empty. */
export function beginFan(
  fleet: FleetState,
  command: Extract<Command, { do: 'run' }>,
  { discover, taken }: { readonly discover: Discovery; readonly taken: readonly Candidate[] },
  given: Given,
): (Answer & { readonly fan: string }) | Refusal {
  const definition = startable(fleet, command);
  if ('refused' in definition) return definition;
  const rules = definition.fanOut;
  if (rules === null) return { refused: `${command.loop} has no fan-out.`, code: 1 };
  const id = `f${fleet.fanCount + 1}`;
  const items = taken.length === 1 ? '1 item' : `${taken.length} items`;
  const pilot =
    rules.pilot > 0 && rules.pilot < taken.length
      ? ` ${rules.pilot} of them ${rules.pilot === 1 ? 'runs' : 'run'} first, the others after looptop release ${id}.`
      : '';
  return {
    events: [
      {
        type: 'fanned-out',
        fan: id,
        loop: command.loop,
        definition,
        trust: discover.trust,
        items: taken.map(({ key, item }) => ({ key, item })),
        by: given.by,
      },
    ],
    text: `${id}: ${command.loop} fans out over ${items}, at most ${rules.maxParallel} at once.${pilot}`,
    run: null,
    fan: id,
  };
}

/** A loop has one fan at a time; null when none is under way. */
export function busyWithFan(fleet: FleetState, loop: string): Refusal | null {
  const fan = openFanOf(fleet, loop);
  if (fan === null) return null;
  return {
    refused: `${loop} fans out already: ${fan.id} ${progressWords(fleet, fan)}; see looptop show ${fan.id}.`,
    code: 1,
  };
}

/** Items in the order in which they are to begin. */
export const inOrder = <Item extends Candidate>(items: readonly Item[], order: FanOut['order']): readonly Item[] =>
  order === 'listed' ? items : items.toSorted((a, b) => sizeOf(a.item) - sizeOf(b.item));

/** What the item says of its size, else how many files it names, else how long it is. */
function sizeOf(item: unknown): number {
  if (typeof item !== 'object' || item === null) return 0;
  const size: unknown = Reflect.get(item, 'size');
  if (typeof size === 'number' && Number.isFinite(size)) return size;
  const files: unknown = Reflect.get(item, 'files');
  return Array.isArray(files) ? files.length : JSON.stringify(item).length;
}
