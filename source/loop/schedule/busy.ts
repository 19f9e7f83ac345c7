/** How many runs share a loop's limit, and what a firing does when it is reached. */
import type { LoopDefinition } from '../definition/definition.ts';
import { openFanOf } from '../fanout/fans.ts';
import type { FleetState, RunState } from '../state.ts';
import type { Trigger } from './beat.ts';

type OfGroup = Pick<RunState, 'loop' | 'definition' | 'item'>;

/** Whose limit it is: the loop's own, or that of its group with what the item says filled in. */
export function groupOf({ loop, definition, item }: OfGroup): string {
  return definition.group === null ? `loop ${loop}` : `group ${filled(definition.group, item)}`;
}

/** `pr:{{item.number}}` with the item's own values; what it does not say is left empty. */
const filled = (text: string, item: unknown): string =>
  text.replace(/\{\{\s*item((?:\.[\w-]+)*)\s*\}\}/g, (_all, path: string) => {
    let here = item;
    for (const step of path.split('.').slice(1)) {
      here =
        typeof here === 'object' && here !== null && Object.hasOwn(here, step) ? Reflect.get(here, step) : undefined;
    }
    return typeof here === 'string' || typeof here === 'number' ? String(here) : '';
  });

/** Events that wait for their run; they differ from each other, where a second tick of a clock says nothing new. */
const QUEUE_MOST: Readonly<Record<Trigger, number>> = { every: 1, cron: 1, watch: 1, event: 100, after: 100 };

export type Room =
  | { readonly is: 'free' }
  | { readonly is: 'taken'; readonly why: string }
  /** Free once these are ended. */
  | { readonly is: 'held'; readonly by: readonly RunState[] };

/**
 * Whether a firing may become a run. Held runs count, for a loop whose last run waits for a person would otherwise heap up more of
 * the same; finished work that waits to be read does not.
 */
export function roomFor(
  fleet: FleetState,
  loop: string,
  definition: LoopDefinition,
  firing: { readonly trigger: Trigger; readonly item: unknown },
): Room {
  if (definition.fanOut !== null) {
    // One at a time, whatever `when-busy` says: two would take the same items.
    const fan = openFanOf(fleet, loop);
    return fan === null ? { is: 'free' } : { is: 'taken', why: `${fan.id} is not done` };
  }
  const { max } = definition.concurrency;
  const group = groupOf({ loop, definition, item: firing.item });
  const busy = Object.values(fleet.runs)
    .filter((run) => run.status.tag === 'open' && run.status.phase !== 'review' && groupOf(run) === group)
    .sort((a, b) => a.queuedAt - b.queuedAt);
  if (busy.length < max) return { is: 'free' };
  const own = busy.filter((run) => run.loop === loop);
  switch (definition.whenBusy) {
    case 'skip':
      return { is: 'taken', why: `${names(busy)} ${busy.length === 1 ? 'is' : 'are'} not done` };
    case 'queue': {
      const waiting = own.filter((run) => run.status.tag === 'open' && run.status.phase === 'queued');
      const most = QUEUE_MOST[firing.trigger];
      return waiting.length < most
        ? { is: 'free' }
        : { is: 'taken', why: `${names(waiting)} ${waiting.length === 1 ? 'waits' : 'wait'} already` };
    }
    case 'replace': {
      const surplus = busy.length - max + 1;
      if (own.length < surplus)
        return { is: 'taken', why: `${names(busy)} of its group ${busy.length === 1 ? 'is' : 'are'} not done` };
      return { is: 'held', by: own.slice(0, surplus) };
    }
  }
}

const names = (runs: readonly RunState[]): string =>
  runs.length <= 3 ? runs.map(({ id }) => id).join(', ') : `${runs[0]?.id} and ${runs.length - 1} more`;
