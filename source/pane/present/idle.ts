/** Loops that start by themselves and have nothing to show yet: rows below the runs that say when each fires next, or why it does not. */
import { type IdleLoop, idleLoops } from '../../loop/schedule/words.ts';
import type { FleetState } from '../../loop/state.ts';
import { oneLine } from './clean.ts';
import { markOf } from './glyphs.ts';
import { EMPTY, type Line, line, padEnd, span } from './span.ts';

/** On fewer rows the runs need all of them. */
const ROWS_LEAST = 14;
/** Of the rows, at most. */
const SHARE = 0.2;

/** A free row and one for each loop, the last one for how many there is no room for; none while a filter asks for runs. */
export function idleRows(fleet: FleetState, filter: string, now: number, rows: number): Line[] {
  if (filter !== '' || rows < ROWS_LEAST) return [];
  const idle = idleLoops(fleet, now);
  if (idle.length === 0) return [];
  const most = Math.floor(rows * SHARE);
  const shown = idle.length <= most ? idle : idle.slice(0, most - 1);
  const left = idle.length - shown.length;
  return [EMPTY, ...shown.map(idleRow), ...(left > 0 ? [line(`  ${left} more: looptop ls --loops`, 'faint')] : [])];
}

/** `○ triage   next in 12m, every 15m`, or why it is off. */
function idleRow({ loop, off, words }: IdleLoop): Line {
  const { glyph, look } = markOf(off ? 'held' : 'queued');
  return [
    span('  '),
    span(`${glyph} `, look),
    span(padEnd(oneLine(loop), 16), 'strong'),
    span(` ${off ? 'off: ' : ''}${oneLine(words)}`, off ? 'warn' : 'faint'),
  ];
}
