/** The Triage view as rows of text: the hits with what they would start, then the chosen one in full, then when each loop last looked. */
import { resolveModel } from '../../loop/crew/crew.ts';
import { usualCost } from '../../loop/spend/usual.ts';
import type { FleetState, Hit } from '../../loop/state.ts';
import { statusWord } from '../../loop/status-word.ts';
import { byUrgency, loopOf } from '../../loop/triage/hits.ts';
import { targetOf } from '../../loop/triage/promote.ts';
import { formatDuration, formatUsd } from '../../loop/units.ts';
import { block, oneLine } from './clean.ts';
import { EMPTY, fit, type Line, type Look, line, padEnd, padStart, span, wrap } from './span.ts';

/** Hits that are dealt with and still shown, the newest. */
const DONE_SHOWN = 20;

export interface TriageLook {
  /** Id of the chosen hit; null, or one that is not here: the first. */
  readonly hit: string | null;
  /** ms since 1970. */
  readonly now: number;
}

/** What waits, the most urgent first; then what is dealt with, the newest first. */
export function triageList(fleet: FleetState): readonly Hit[] {
  const all = Object.values(fleet.hits);
  const open = all.filter(({ status }) => status === 'open').sort(byUrgency);
  const done = all.filter(({ status }) => status !== 'open').sort((a, b) => b.at - a.at || byUrgency(a, b));
  return [...open, ...done.slice(0, DONE_SHOWN)];
}

/** The hit under the cursor; null when there is none. */
export function chosenHit(fleet: FleetState, hit: string | null): Hit | null {
  const list = triageList(fleet);
  return list.find(({ id }) => id === hit) ?? list[0] ?? null;
}

/** Exactly `rows` rows of `columns` cells. */
export function triageScreen(fleet: FleetState, { hit, now }: TriageLook, columns: number, rows: number): Line[] {
  const list = triageList(fleet);
  const looks = lookLines(fleet, now).slice(0, Math.max(1, Math.floor(rows / 4)));
  const chosen = chosenHit(fleet, hit);
  const detail =
    chosen === null || rows < 12 ? [] : [line('─'.repeat(columns), 'faint'), ...inShort(fleet, chosen, columns)];
  const room = Math.max(1, rows - 1 - detail.length - (looks.length > 0 ? looks.length + 1 : 0));
  const at = Math.max(
    0,
    list.findIndex(({ id }) => id === chosen?.id),
  );
  const from = Math.max(0, Math.min(at - room + 1, list.length - room, at));
  const shown = list.slice(from, from + room);
  const table =
    list.length === 0
      ? emptyLines(fleet)
      : [heading(columns), ...shown.map((each) => hitRow(fleet, each, each.id === chosen?.id, now, columns))];
  const body = [...table, ...Array.from({ length: Math.max(0, room + 1 - table.length) }, () => EMPTY), ...detail];
  const out = looks.length > 0 ? [...body, line('─'.repeat(columns), 'faint'), ...looks] : body;
  return Array.from({ length: rows }, (_, row) => fit(out[row] ?? EMPTY, columns));
}

/** Rows that one page moves by. */
export const triagePage = (rows: number): number => Math.max(1, rows - 8);

const WOULD = 24;
const EVIDENCE = 26;
/** Cells of everything before what was found. */
const BEFORE = 27;

const widths = (columns: number) => {
  const would = columns >= 76 ? WOULD : 0;
  const evidence = columns >= 112 ? EVIDENCE : 0;
  return {
    would,
    evidence,
    what: Math.max(8, columns - BEFORE - (would && would + 2) - (evidence && evidence + 2) - 1),
  };
};

function heading(columns: number): Line {
  const { would, evidence, what } = widths(columns);
  const text = [
    `  ${padEnd('HIT', 5)} PRI  ${padStart('CONF', 4)}  ${padStart('AGE', 6)}  ${padEnd('WHAT', what)}`,
    ...(evidence > 0 ? [padEnd('EVIDENCE', evidence)] : []),
    ...(would > 0 ? ['WOULD RUN'] : []),
  ];
  return line(text.join('  '), 'faint');
}

function hitRow(fleet: FleetState, hit: Hit, current: boolean, now: number, columns: number): Line {
  const { would, evidence, what } = widths(columns);
  const open = hit.status === 'open';
  const look: Look = open ? 'plain' : 'faint';
  const urgent: Look = !open ? 'faint' : hit.priority === 'p0' ? 'bad' : hit.priority === 'p1' ? 'warn' : 'plain';
  return [
    span(current ? '▶ ' : '  ', 'picked'),
    span(padEnd(hit.id, 5), current ? 'picked' : open ? 'strong' : 'faint'),
    span(` ${padEnd(hit.priority, 3)}`, urgent),
    span(`  ${hit.confidence.toFixed(2)}`, look),
    span(`  ${padStart(formatDuration(Math.max(0, now - hit.at)), 6)}`, 'faint'),
    span(`  ${padEnd(oneLine(hit.reason), what)}`, look),
    ...(evidence > 0 ? [span(`  ${padEnd(oneLine(hit.evidence), evidence)}`, 'faint')] : []),
    ...(would > 0 ? [span(`  ${padEnd(outcome(fleet, hit), would)}`, open ? 'plain' : 'faint')] : []),
  ];
}

/** What it would start, or what became of it. */
function outcome(fleet: FleetState, hit: Hit): string {
  if (hit.status === 'promoted') {
    const run = hit.promotedTo === null ? undefined : fleet.runs[hit.promotedTo];
    return `${hit.promotedTo}${run === undefined ? '' : ` ${statusWord(run).word}`}`;
  }
  return hit.status === 'open' ? wouldRun(fleet, hit) : hit.status;
}

/** `ci-fix  opus  ~$2.10`, or `a person`. */
function wouldRun(fleet: FleetState, hit: Hit): string {
  const loop = targetOf(fleet, hit);
  const definition = loop === null ? null : loopOf(fleet, loop);
  if (loop === null || definition === null) return 'a person';
  const cost = usualCost(fleet, loop);
  return `${loop}  ${oneLine(resolveModel(definition.maker, fleet.settings))}${cost === null ? '' : `  ~${formatUsd(cost)}`}`;
}

/** Its words and where they come from, three rows at most. */
function inShort(fleet: FleetState, hit: Hit, columns: number): Line[] {
  const reason = wrap(oneLine(hit.reason), Math.max(10, columns - 2)).slice(0, 2);
  const from = [oneLine(hit.evidence), `${hit.loop} ${hit.key}`, columns < 76 ? outcome(fleet, hit) : ''];
  return [
    ...reason.map((text) => line(` ${text}`, 'strong')),
    line(` ${from.filter((part) => part !== '').join('   ')}`, 'faint'),
  ];
}

/** When each loop that discovers last looked, and what came of it. */
function lookLines(fleet: FleetState, now: number): Line[] {
  return Object.entries(fleet.triage)
    .flatMap(([loop, { looked }]) => (looked === null ? [] : [{ loop, looked }]))
    .sort((a, b) => b.looked.at - a.looked.at)
    .map(({ loop, looked }) => [
      span(` ${padEnd(loop, 14)}`, 'strong'),
      span(` looked ${formatDuration(Math.max(0, now - looked.at))} ago: `, 'faint'),
      span(oneLine(looked.words), looked.failed ? 'warn' : 'plain'),
    ]);
}

function emptyLines(fleet: FleetState): Line[] {
  const triages = Object.values(fleet.loops).filter(({ definition }) => definition?.leads === 'triage');
  if (triages.length > 0)
    return [
      EMPTY,
      line('  Nothing was found that waits.', 'strong'),
      EMPTY,
      line(`  s starts ${triages[0]?.name}.`, 'faint'),
    ];
  return [
    EMPTY,
    line('  No loop of this repository triages.', 'strong'),
    EMPTY,
    line('  One with agents: { triage: {} } and discover ranks what it finds, on a cheap model.', 'faint'),
  ];
}

/** One hit in full, as a sheet shows it in `room` cells. */
export function hitLines(fleet: FleetState, hit: Hit, now: number, room: number): Line[] {
  const fact = (label: string, words: string): Line[] =>
    words === ''
      ? []
      : wrap(words, Math.max(10, room - 11)).map((text, at) => [
          span(padEnd(at === 0 ? label : '', 11), 'faint'),
          span(text),
        ]);
  const item = hit.item === null ? [] : block(JSON.stringify(hit.item, null, 2)).split('\n');
  return [
    ...wrap(oneLine(hit.reason), room).map((text) => line(text, 'strong')),
    EMPTY,
    ...fact('evidence', oneLine(hit.evidence)),
    ...fact('priority', `${hit.priority}, confidence ${hit.confidence.toFixed(2)}`),
    ...fact('would run', outcome(fleet, hit)),
    ...fact('suggested', oneLine(hit.suggests)),
    ...fact('found by', `${hit.run}, item ${hit.key}, ${formatDuration(Math.max(0, now - hit.at))} ago`),
    ...fact('expires', hit.expires > now ? `in ${formatDuration(hit.expires - now)}` : 'now'),
    ...(item.length > 0 ? [EMPTY, line('What was listed, in the words of others:', 'faint')] : []),
    ...item.flatMap((text) => wrap(text, room).map((row) => line(row))),
  ];
}
