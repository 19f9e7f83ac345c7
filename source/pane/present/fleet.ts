/** The Fleet view as rows of text: live panes or a list, what is finished below, and what to do next when there is nothing. */
import { attention } from '../../loop/attention.ts';
import { pulse } from '../../loop/schedule/pulse.ts';
import { pulseWords } from '../../loop/schedule/words.ts';
import type { FleetState, RunState } from '../../loop/state.ts';
import { statusWord } from '../../loop/status-word.ts';
import { formatDuration } from '../../loop/units.ts';
import type { Legend } from '../keys/operator.ts';
import { doneAt, type Ordered } from '../order.ts';
import { belowRows } from './below.ts';
import { oneLine } from './clean.ts';
import { fleetLayout, type Place } from './layout.ts';
import { listHeading, listRow } from './list.ts';
import { compactRows, paneRows } from './live-pane.ts';
import { type Glance, key, mark, nameWords, standing } from './run-words.ts';
import { EMPTY, ends, fit, type Line, line, padEnd, span, width } from './span.ts';

export interface FleetLook {
  readonly ordered: Ordered;
  readonly cursor: string | null;
  readonly picked: ReadonlySet<string>;
  readonly now: number;
  readonly filter: string;
  readonly legend: Legend;
}

/** Exactly `rows` rows of `columns` cells. */
export function fleetRows(fleet: FleetState, look: FleetLook, columns: number, rows: number): Line[] {
  const { live, done } = look.ordered;
  if (live.length + done.length === 0) return filled(emptyRows(fleet, look), columns, rows);
  const below = belowRows(fleet, look.filter, look.now, rows);
  const layout = fleetLayout(ids(live), ids(done), look.cursor, columns, rows - below.length);
  const byRow: { x: number; line: Line }[][] = Array.from({ length: rows - below.length }, () => []);
  for (const place of layout.places) {
    const run = fleet.runs[place.id];
    if (run === undefined) continue;
    const glance: Glance = {
      now: look.now,
      current: place.id === look.cursor,
      picked: look.picked.has(place.id),
      legend: look.legend,
    };
    placed(run, glance, place).forEach((each, at) => {
      byRow[place.y + at]?.push({ x: place.x, line: fit(each, place.width) });
    });
  }
  if (layout.kind === 'list' && layout.places[0]?.y === 1) byRow[0]?.push({ x: 0, line: listHeading(columns) });
  if (layout.hidden > 0) {
    const more = ends(EMPTY, line(`${layout.hidden} more, ${look.legend('/')} filters `, 'faint'), columns);
    const free = byRow.findLastIndex((parts) => parts.length === 0);
    if (free >= 0) byRow[free]?.push({ x: 0, line: more });
  }
  const current = look.cursor === null ? undefined : fleet.runs[look.cursor];
  if (layout.detail !== null && current !== undefined) {
    const { y, height } = layout.detail;
    paneRows(current, { now: look.now, current: false, picked: false, legend: look.legend }, columns, height).forEach(
      (each, at) => {
        byRow[y + at]?.push({ x: 0, line: each });
      },
    );
  }
  return [...byRow.map((parts) => side(parts, columns)), ...below.map((each) => fit(each, columns))];
}

export const ids = (runs: readonly RunState[]): string[] => runs.map(({ id }) => id);

function placed(run: RunState, glance: Glance, place: Place): Line[] {
  switch (place.shape) {
    case 'pane':
      return paneRows(run, glance, place.width, place.height);
    case 'compact':
      return compactRows(run, glance, place.width);
    case 'row':
      return [listRow(run, glance, place.width)];
    case 'done':
      return [doneRow(run, glance, place.width)];
  }
}

function side(parts: readonly { x: number; line: Line }[], columns: number): Line {
  const out: Line[number][] = [];
  let x = 0;
  for (const part of parts) {
    if (part.x > x) out.push(span(' '.repeat(part.x - x)));
    out.push(...part.line);
    x = part.x + width(part.line);
  }
  return fit(out, columns);
}

/** `✓ docs-2   review 9m ago   ready to read: 9f8e7d6 on looptop/docs-2`. */
export function doneRow(run: RunState, glance: Glance, room: number): Line {
  const { glyph, look, word } = standing(run);
  const ago = `${formatDuration(Math.max(0, glance.now - doneAt(run)))} ago`;
  return fit(
    [
      span(`${mark(glance)} `, 'picked'),
      span(`${glyph} `, look),
      span(padEnd(nameWords(run, 16), 16), glance.current ? 'picked' : 'strong'),
      span(` ${word} ${ago}  `, look === 'good' ? 'plain' : look),
      span(outcome(run), 'faint'),
    ],
    room,
  );
}

/** Why it ended, in a few words; empty when the state word says it all. */
export function outcome(run: RunState): string {
  const words = oneLine(attention(run)?.words ?? '');
  // The state word stands right before it.
  return words.replace(new RegExp(`^${statusWord(run).word.split(':')[0] ?? ''}( \\([a-z]+\\))?: `), '');
}

function emptyRows(fleet: FleetState, { filter, now, legend }: FleetLook): Line[] {
  if (filter !== '')
    return [EMPTY, line(`  No run matches "${filter}".`), [span('  '), ...key(legend('esc'), 'clears the filter')]];
  const loops = Object.values(fleet.loops);
  if (loops.length === 0) {
    return [
      EMPTY,
      line('  No loops yet in this repository.', 'strong'),
      EMPTY,
      [span('  '), span('looptop init', 'key'), span('   writes a first one that fits this repository', 'faint')],
      [
        span('  '),
        span('looptop demo', 'key'),
        span('   shows a whole fleet at work, without a key or a network', 'faint'),
      ],
    ];
  }
  const ready = loops.filter((loop) => loop.trusted && loop.definition !== null && loop.problems.length === 0);
  const head = ready.length > 0 ? 'Nothing runs.' : 'Nothing runs, and no loop can.';
  const rows: Line[] = [EMPTY, line(`  ${head}`, 'strong'), EMPTY];
  if (ready.length > 0) rows.push([span('  '), ...key(legend('s'), 'starts a loop')], EMPTY);
  for (const loop of loops) rows.push(loopRow(loop, 2, beatWords(fleet, loop.name, now)));
  return rows;
}

/** `ci-fix   what it is for`, or why it cannot run. */
export function loopRow(loop: FleetState['loops'][string], indent: number, beat = ''): Line {
  const problem = loopProblem(loop);
  const name = padEnd(oneLine(loop.name), 18);
  return [
    span(' '.repeat(indent)),
    span(`${name} `, problem === null ? 'strong' : 'faint'),
    problem === null
      ? span(oneLine(beat || loop.definition?.description || loop.definition?.goal || ''), 'faint')
      : span(problem, 'warn'),
  ];
}

/** When it starts by itself; empty for a loop that never does. */
function beatWords(fleet: FleetState, loop: string, now: number): string {
  const found = pulse(fleet, loop, now);
  return found.is === 'by-hand' ? '' : pulseWords(fleet, found, now);
}

/** Why a loop cannot be started, and what to do; null when it can. */
export function loopProblem(loop: FleetState['loops'][string]): string | null {
  if (loop.problems.length > 0 || loop.definition === null)
    return `broken: ${oneLine(loop.problems[0] ?? 'cannot be read')} (looptop check)`;
  return loop.trusted ? null : 'not trusted yet (looptop trust)';
}

function filled(content: readonly Line[], columns: number, rows: number): Line[] {
  return Array.from({ length: rows }, (_, at) => fit(content[at] ?? EMPTY, columns));
}
