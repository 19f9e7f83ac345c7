/** What stands below the runs: fans that are under way, and loops that start by themselves and have nothing to show yet. */
import { openFans } from '../../loop/fanout/fans.ts';
import { doingWords, fanAttention, progressWords } from '../../loop/fanout/words.ts';
import { type IdleLoop, idleLoops } from '../../loop/schedule/words.ts';
import type { FanState, FleetState } from '../../loop/state.ts';
import { oneLine } from './clean.ts';
import { markOf } from './glyphs.ts';
import { EMPTY, type Line, line, padEnd, span } from './span.ts';

/** On fewer rows the runs need all of them. */
const ROWS_LEAST = 14;
/** Of the rows, at most. */
const SHARE = 0.2;

/** A free row and one for each fan and each loop, the last one for how many there is no room for; none while a filter asks for runs. */
export function belowRows(fleet: FleetState, filter: string, now: number, rows: number): Line[] {
  if (filter !== '' || rows < ROWS_LEAST) return [];
  const all = [
    ...openFans(fleet).map((fan) => fanRow(fleet, fan, now)),
    ...idleLoops(fleet, now).map((idle) => idleRow(idle)),
  ];
  if (all.length === 0) return [];
  const most = Math.floor(rows * SHARE);
  const shown = all.length <= most ? all : all.slice(0, most - 1);
  const left = all.length - shown.length;
  return [EMPTY, ...shown, ...(left > 0 ? [line(`  ${left} more: looptop ls --loops`, 'faint')] : [])];
}

/** `● refactor-fanout  fan f1 7/20 · 2 failed  3 at work, 10 waiting`. */
function fanRow(fleet: FleetState, fan: FanState, now: number): Line {
  const needs = fanAttention(fleet, fan, now) !== null;
  const { glyph, look } = markOf(needs ? 'need' : 'busy');
  return [
    span('  '),
    span(`${glyph} `, look),
    span(padEnd(oneLine(fan.loop), 16), 'strong'),
    span(` fan ${fan.id} ${progressWords(fleet, fan)}  `),
    span(oneLine(doingWords(fleet, fan, now)), needs ? 'need' : 'faint'),
  ];
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
