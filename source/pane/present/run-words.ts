/** What is said about one run wherever it is shown: glyph and word, pass, model, why it stands still. */
import { attention } from '../../loop/attention.ts';
import type { RunState } from '../../loop/state.ts';
import { type StatusWord, statusWord } from '../../loop/status-word.ts';
import { formatDuration } from '../../loop/units.ts';
import type { Legend } from '../keys/operator.ts';
import { oneLine } from './clean.ts';
import { markOf } from './glyphs.ts';
import { cells, clip, clipLine, ends, join, type Line, type Look, line, type Span, span, width, wrap } from './span.ts';

export interface Glance {
  readonly now: number;
  /** Under the cursor. */
  readonly current: boolean;
  /** In the selection of several. */
  readonly picked: boolean;
  readonly legend: Legend;
}

/** Glyph and word of a run; one that needs a person shows `◆` whatever else it is. */
export function standing(run: RunState): StatusWord & { readonly glyph: string; readonly look: Look } {
  const status = statusWord(run);
  const needs = attention(run)?.level === 'act';
  const shown = markOf(needs ? 'need' : status.standing);
  const word = needs && status.standing !== 'need' && run.draft !== null ? 'rule?' : status.word;
  return { ...status, word, glyph: shown.glyph, look: shown.look };
}

/** The sign in front of a row: where the cursor is, and what is chosen together with others. */
export const mark = (glance: Glance): string => (glance.current ? '▶' : glance.picked ? '◉' : ' ');

/** The id, and which item of its fan it works on; in a column of `room` cells the beginning of the id gives way to the item. */
export function nameWords(run: RunState, room = Number.POSITIVE_INFINITY): string {
  if (run.fan === null) return run.id;
  const item = oneLine(run.fan.key);
  if (cells(run.id) + 1 + cells(item) <= room) return `${run.id} ${item}`;
  // Its number tells it apart from the other runs of its loop.
  const number = run.id.slice(run.id.lastIndexOf('-'));
  const left = Math.max(0, room - cells(number) - 2);
  return clip(`…${number} ${clip(item, left)}`, room);
}

/** `pass 3/8`. */
export const passWords = (run: RunState): string => `pass ${run.pass}/${run.budget.passes}`;

/** `sonnet`, or `opus ▲1` once it has climbed a rung. */
export function modelWords(run: RunState): string {
  const model = oneLine(run.model === '' ? run.maker.engine : run.model);
  return run.rung > 0 ? `${model} ▲${run.rung}` : model;
}

/**
 * Why a run stands still, since when, and the key that lets it go on, in one row or, when the words do not fit beside the
 * keys, in up to `most` rows. Empty when it does not stand still.
 */
export function holdRows(
  run: RunState,
  { now, legend }: Pick<Glance, 'now' | 'legend'>,
  room: number,
  most: number,
): Line[] {
  if (run.status.tag !== 'open' || run.status.hold === null) return [];
  const { hold } = run.status;
  if (hold.kind === 'frozen' || hold.kind === 'drained') {
    const ago = `${formatDuration(Math.max(0, now - hold.since))} ago`;
    const said = line(`${hold.kind} by ${oneLine(hold.by)} ${ago}`, 'held');
    return [ends(said, room < 36 ? [] : key(legend('p'), 'to resume'), room)];
  }
  const needs = attention(run);
  if (needs === null) return [line(hold.kind, 'held')];
  const look: Look = needs.level === 'act' ? 'need' : 'held';
  const words = oneLine(needs.words);
  // In a narrow column the words matter more: the footer has the key as well.
  const first = room < 36 ? [] : needs.keys.slice(0, 1).flatMap(({ key: name, label }) => key(legend(name), label));
  if (most < 2 || cells(words) + width(first) < room) return [ends(line(words, look), first, room)];
  const rows = wrap(words, room);
  const shown = rows.length < most ? rows : [...rows.slice(0, most - 2), rows.slice(most - 2).join(' ')];
  return [...shown.map((row) => clipLine(line(row, look), room)), clipLine(keysLine(needs.keys, legend), room)];
}

/** `+ raise · e escalate · x end`. */
export const keysLine = (keys: readonly { readonly key: string; readonly label: string }[], legend: Legend): Line =>
  join(
    keys.map(({ key: name, label }) => key(legend(name), label)),
    ' · ',
  );

/** A key and what it does, as everywhere: key bold, word faint. */
export const key = (name: string, label: string): Span[] => [span(name, 'key'), span(` ${label}`, 'faint')];
