/** The lines under the header: who needs a person, what for, and the keys that answer. At most three, then a count. */
import { attentions } from '../../loop/attention.ts';
import type { FleetState } from '../../loop/state.ts';
import { waitingHits } from '../../loop/triage/promote.ts';
import { type Legend, USUAL } from '../keys/operator.ts';
import { oneLine } from './clean.ts';
import { key, keysLine } from './run-words.ts';
import { cells, clipLine, ends, type Line, line, padEnd, span, width } from './span.ts';

const MOST = 3;

/** At most `rows` lines of `columns` cells, none when nobody waits. Only what stands still until a person answers is here. */
export function attentionRows(fleet: FleetState, columns: number, rows: number, legend: Legend = USUAL): Line[] {
  const waiting = attentions(Object.values(fleet.runs)).filter(({ attention }) => attention.level === 'act');
  const fleetWide = noticeRows(fleet, columns);
  const all = Math.min(MOST, rows - fleetWide.length);
  if (all <= 0) return fleetWide.slice(0, rows);
  const hits = all > 1 || waiting.length === 0 ? hitsRow(fleet, columns, legend) : [];
  const room = all - hits.length;
  const shown = waiting.length > room ? waiting.slice(0, Math.max(0, room - 1)) : waiting;
  const name = Math.min(20, Math.max(0, ...shown.map(({ run }) => cells(run.id))));
  const lines = shown.map(({ run, attention }): Line => {
    const words: Line = [
      span(' ◆ ', 'need'),
      span(`${padEnd(run.id, name)}  `, 'strong'),
      span(oneLine(attention.words)),
    ];
    const keys = keysLine(attention.keys, legend);
    // Words before keys when both cannot be whole: the footer has the keys as well.
    const whole = width(words) + width(keys) + 2 <= columns;
    const first = keysLine(attention.keys.slice(0, 1), legend);
    return ends(words, [...(whole ? keys : columns >= 60 ? first : []), span(' ')], columns);
  });
  const more = waiting.length - shown.length;
  if (more > 0)
    lines.push(
      clipLine(
        line(` ◆ ${more}${shown.length > 0 ? ' more' : ''} need you, ${legend('tab')} goes to the next`, 'need'),
        columns,
      ),
    );
  return [...fleetWide, ...lines, ...hits];
}

/** Hits that wait for a person, in one line, with the most urgent of them. */
function hitsRow(fleet: FleetState, columns: number, legend: Legend): Line[] {
  const hits = waitingHits(fleet);
  const [first] = hits;
  if (first === undefined) return [];
  const words: Line = [
    span(' ◆ ', 'need'),
    span(hits.length === 1 ? '1 hit' : `${hits.length} hits`, 'strong'),
    span(`  ${first.id} ${first.priority} ${oneLine(first.reason)}`),
  ];
  return [ends(words, [...(columns >= 60 ? key(legend('2'), 'triage') : []), span(' ')], columns)];
}

/** What is wrong with the fleet as a whole. */
function noticeRows(fleet: FleetState, columns: number): Line[] {
  const out: Line[] = [];
  if (fleet.disk === 'full') out.push(line(' ◆ The disk is full: nothing starts until there is room again.', 'need'));
  if (fleet.closing) out.push(line(' ‖ The supervisor is going down: nothing new starts.', 'held'));
  return out.map((each) => clipLine(each, columns));
}
