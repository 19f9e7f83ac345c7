/** The lines under the header: who needs a person, what for, and the keys that answer. At most three, then a count. */
import { attentions } from '../../loop/attention.ts';
import { waitingFans } from '../../loop/fanout/words.ts';
import type { FleetState } from '../../loop/state.ts';
import { waitingHits } from '../../loop/triage/promote.ts';
import { formatDuration } from '../../loop/units.ts';
import { type Legend, USUAL } from '../keys/operator.ts';
import { oneLine } from './clean.ts';
import { key, keysLine } from './run-words.ts';
import { cells, clipLine, ends, type Line, line, padEnd, span, width } from './span.ts';

const MOST = 3;

/**
 * At most `rows` lines of `columns` cells, none when nobody waits. Only what stands still until a person answers is here. The keys of a
 * line mean the run under the `cursor`: on the other lines they are faint, and tab comes first.
 */
export function attentionRows(
  fleet: FleetState,
  now: number,
  cursor: string | null,
  columns: number,
  rows: number,
  legend: Legend = USUAL,
): Line[] {
  const waiting = attentions(Object.values(fleet.runs)).filter(({ attention }) => attention.level === 'act');
  const fleetWide = [...noticeRows(fleet, columns), ...fanRows(fleet, now, columns, legend)];
  const all = Math.min(MOST, rows - fleetWide.length);
  if (all <= 0) return fleetWide.slice(0, rows);
  const hits = all > 1 || waiting.length === 0 ? hitsRow(fleet, columns, now, legend) : [];
  const room = all - hits.length;
  const shown = waiting.length > room ? waiting.slice(0, Math.max(0, room - 1)) : waiting;
  const name = Math.min(20, Math.max(0, ...shown.map(({ run }) => cells(run.id))));
  const at = waiting.findIndex(({ run }) => run.id === cursor);
  const tabTo = waiting[(at + 1) % Math.max(1, waiting.length)]?.run.id;
  const lines = shown.map(({ run, attention }): Line => {
    const isHere = run.id === cursor;
    const words: Line = [
      span(isHere ? '▶◆ ' : ' ◆ ', 'need'),
      span(`${padEnd(run.id, name)}  `, 'strong'),
      ...age(now - attention.since, columns),
      span(oneLine(attention.words)),
    ];
    const toPress = (some: typeof attention.keys): Line =>
      isHere
        ? keysLine(some, legend)
        : [
            ...(run.id === tabTo ? [span(`${legend('tab')} `, 'key')] : []),
            ...keysLine(some, legend).map(({ text }) => span(text, 'faint')),
          ];
    const keys = toPress(attention.keys);
    // Words before keys when both cannot be whole: the footer has the keys as well.
    const whole = width(words) + width(keys) + 2 <= columns;
    const first = toPress(attention.keys.slice(0, 1));
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

/** Since when it waits, in whole minutes, so that the chrome is not drawn anew every second; left out where there is hardly room for the words. */
const age = (ms: number, columns: number): Line =>
  columns < 60 ? [] : [span(`${padEnd(ms < 60_000 ? 'new' : formatDuration(ms), 4)} `, 'faint')];
/** Fans that wait for a person: each keeps all of its items. */
const fanRows = (fleet: FleetState, now: number, columns: number, legend: Legend): Line[] =>
  waitingFans(fleet, now).map(({ fan, attention }) => {
    const words: Line = [
      span(' ◆ ', 'need'),
      span(`${fan.id} ${oneLine(fan.loop)}`, 'strong'),
      span('  '),
      // Of a cap that is reached nobody wrote down when.
      ...(fan.pilotedAt === null || fan.released ? [] : age(now - fan.pilotedAt, columns)),
      span(oneLine(attention.words)),
    ];
    return ends(words, [...(columns >= 60 ? keysLine(attention.keys, legend) : []), span(' ')], columns);
  });

/** Hits that wait for a person, in one line, with the most urgent of them. */
function hitsRow(fleet: FleetState, columns: number, now: number, legend: Legend): Line[] {
  const hits = waitingHits(fleet);
  const [first] = hits;
  if (first === undefined) return [];
  const words: Line = [
    span(' ◆ ', 'need'),
    span(hits.length === 1 ? '1 hit' : `${hits.length} hits`, 'strong'),
    span('  '),
    ...age(now - first.at, columns),
    span(`${first.id} ${first.priority} ${oneLine(first.reason)}`),
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
