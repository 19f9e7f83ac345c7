/**
 * How long each changed line was on the screen: what "skimmed" and "read" rest on when no key says so. A proxy, and told as one. Time
 * is shared by the lines that are seen at once, and stops when nobody has pressed a key for a while.
 */
import type { Command } from '../../loop/command.ts';
import type { DiffFile, Hunk } from '../../loop/review/parse.ts';
import { bodySize, type Situation, type View } from '../view.ts';
import { howOf, idOf } from './hunk-ids.ts';
import { rowAt } from './index-rows.ts';
import { chosenEntry, divide, topRow } from './look.ts';
import { rowsHere } from './steps.ts';

/** Seconds of a line on the screen: below the first nobody has seen it, from the second on it can have been read. */
const SKIMMED_S = 0.5;
const READ_S = 2;
/** Without a key for so long nobody is there, ms: a screen of 40 changed lines takes 80 s to read. */
const AWAY_MS = 120_000;
/** What lies between two looks and is longer was a pause of the pane itself, ms. */
const LONGEST_LOOK_MS = 5000;

type Read = Extract<Command, { do: 'read' }>;

export class Dwell {
  /** Seconds by line of the hunk; what is not changed stays 0. */
  readonly #seconds = new WeakMap<Hunk, Float32Array>();
  /** What was told already, by hunk id. */
  readonly #told = new Map<string, 'skimmed' | 'read'>();
  #last: number | null = null;
  #key = 0;

  /** A key was pressed at `now`, ms since 1970. */
  pressed(now: number): void {
    this.#key = now;
  }

  /** To be called every second or so; what has been read by now, as the command that says so, or null. */
  look(situation: Situation): Read | null {
    const { now, view, fleet } = situation;
    const passed = this.#last === null ? 0 : now - this.#last;
    this.#last = now;
    const entry = isInSight(view) && now - this.#key <= AWAY_MS ? chosenEntry(fleet, view.review) : null;
    if (entry === null || entry.hunks.length === 0 || passed <= 0 || passed > LONGEST_LOOK_MS) return null;
    const seen = this.#seen(situation);
    const lines = [...seen.values()].reduce((sum, { at }) => sum + at.length, 0);
    if (lines === 0) return null;
    const share = passed / 1000 / lines;
    const hunks: Read['hunks'][number][] = [];
    for (const [hunk, { file, at }] of seen) {
      const seconds = this.#seconds.get(hunk) ?? new Float32Array(hunk.lines.length);
      this.#seconds.set(hunk, seconds);
      for (const line of at) seconds[line] = (seconds[line] ?? 0) + share;
      const how = howLong(hunk, seconds);
      const known = howOf(fleet.reading, file, hunk);
      if (how === null || known === 'skipped' || known === 'read' || known === 'explained' || known === how) continue;
      const id = idOf(file, hunk);
      if (this.#told.get(id) === how) continue;
      this.#told.set(id, how);
      hunks.push({ id, how });
    }
    return hunks.length === 0 ? null : { do: 'read', run: entry.id, hunks };
  }

  /** The changed lines on the screen, by hunk. */
  #seen(situation: Situation) {
    const index = rowsHere(situation);
    const found = new Map<Hunk, { readonly file: DiffFile; readonly at: number[] }>();
    if (index === null) return found;
    const { columns, rows } = bodySize(situation);
    const visible = divide(columns, rows).diff;
    const { review } = situation.view;
    const top = topRow({ at: Math.min(review.at, index.size - 1), top: review.top }, index.size, visible);
    for (let at = top; at < Math.min(index.size, top + visible); at++) {
      const row = rowAt(index, at);
      if (row?.kind !== 'line') continue;
      const file = index.diff.files[row.file];
      const hunk = file?.hunks[row.hunk];
      if (file === undefined || hunk === undefined || hunk.lines[row.line]?.kind === 'same') continue;
      const here = found.get(hunk) ?? { file, at: [] };
      here.at.push(row.line);
      found.set(hunk, here);
    }
    return found;
  }
}

const isInSight = (view: View): boolean => view.screen === 'review' && view.dialogs.length === 0;

/** A hunk is known as well as its least known changed line. */
function howLong({ lines }: Hunk, seconds: Float32Array): 'skimmed' | 'read' | null {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < lines.length; at++) if (lines[at]?.kind !== 'same') least = Math.min(least, seconds[at] ?? 0);
  if (!Number.isFinite(least)) return null;
  return least >= READ_S ? 'read' : least >= SKIMMED_S ? 'skimmed' : null;
}
