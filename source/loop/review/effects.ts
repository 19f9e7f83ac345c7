/** What the state of reading calls for: to be remembered in the repository, taken in from it, and measured against what stands there. */
import type { Effect } from '../effect.ts';
import type { FleetState } from '../state.ts';

export function readingEffects({ reading, disk, closing, supervisor }: FleetState): Effect[] {
  if (disk === 'full' || closing || supervisor === null) return [];
  // What is written before the old notes are known would be told as new.
  if (!reading.recalled) return [{ do: 'recall-reading', key: 'recall-reading', run: null }];
  const open =
    Object.values(reading.marks).some(({ noted }) => !noted) ||
    Object.values(reading.landed).some(({ noted }) => !noted);
  return [
    ...(open ? [{ do: 'note-reading', key: 'note-reading', run: null } as const] : []),
    ...(Object.keys(reading.landed).length > 0
      ? [{ do: 'watch-standing', key: 'watch-standing', run: null } as const]
      : []),
  ];
}
