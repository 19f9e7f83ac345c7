/** The ReAct trace as text: thought, action, observation. Each line is sanitised once, when it is first drawn, and wrapped once per width. */
import type { TraceLine } from '../../loop/state.ts';
import { block } from './clean.ts';
import { clip, type Line, type Look, line, span, wrap } from './span.ts';

interface Sign {
  readonly glyph: string;
  readonly sign: Look;
  readonly text: Look;
}

const SIGNS: Readonly<Record<TraceLine['kind'], Sign>> = {
  thought: { glyph: '◇', sign: 'faint', text: 'plain' },
  said: { glyph: '◇', sign: 'busy', text: 'plain' },
  act: { glyph: '▸', sign: 'busy', text: 'strong' },
  ok: { glyph: ' ', sign: 'faint', text: 'faint' },
  fail: { glyph: '✗', sign: 'bad', text: 'plain' },
  note: { glyph: '»', sign: 'need', text: 'plain' },
  gate: { glyph: '◐', sign: 'busy', text: 'plain' },
  system: { glyph: '·', sign: 'faint', text: 'faint' },
  asked: { glyph: '◆', sign: 'need', text: 'strong' },
  unknown: { glyph: '·', sign: 'faint', text: 'faint' },
};

/** An observation longer than this is cut in the Loop view: `log --raw` has all of it. */
const LONGEST_BLOCK = 8;

interface Prepared {
  readonly text: string;
  readonly flat: string;
  wrapped: { readonly width: number; readonly whole: boolean; readonly lines: readonly Line[] } | null;
}

const prepared = new WeakMap<TraceLine, Prepared>();

function prepare(trace: TraceLine): Prepared {
  const known = prepared.get(trace);
  if (known !== undefined) return known;
  const text = block(trace.text).replace(/\s+$/, '');
  const made: Prepared = { text, flat: flat(trace.kind, text), wrapped: null };
  prepared.set(trace, made);
  return made;
}

/** Where a failure says what failed, as test runners and compilers write it. */
const TELLING = /\b(error|fail(ed|ure|s)?|expected|assert\w*|cannot|could not|not ok|denied|!==)\b|✖|✗/i;

/** The text in one row. Of an observation the line that says most: of a failure the first that names it, else the first at all. */
function flat(kind: TraceLine['kind'], text: string): string {
  const rows = text.split('\n').filter((row) => row.trim() !== '');
  const one =
    kind === 'fail' ? (rows.find((row) => TELLING.test(row)) ?? rows[0]) : kind === 'ok' ? rows[0] : rows.join(' ');
  return (one ?? '').replace(/\s+/g, ' ').trim();
}

/** A gate's line bears the gate's own sign. */
function signOf({ kind, text }: TraceLine): Sign {
  if (kind !== 'gate') return SIGNS[kind];
  if (/^\S+ green/.test(text)) return { ...SIGNS.gate, glyph: '✓', sign: 'good' };
  return /^\S+ (red|timeout|error)/.test(text) ? { ...SIGNS.gate, glyph: '✗', sign: 'bad' } : SIGNS.gate;
}

/** One row for a live pane: sign and as much of the text as fits. */
export function traceRow(trace: TraceLine, room: number): Line {
  const { glyph, sign, text } = signOf(trace);
  return [span(`${glyph} `, sign), span(clip(prepare(trace).flat, Math.max(0, room - 2)), text)];
}

/** All rows of one trace line at `room` cells, its text hanging behind the sign; a long one is cut unless the `whole` is asked for. */
export function traceBlock(trace: TraceLine, room: number, whole = false): readonly Line[] {
  const entry = prepare(trace);
  if (entry.wrapped?.width === room && entry.wrapped.whole === whole) return entry.wrapped.lines;
  const { glyph, sign, text } = signOf(trace);
  const rows = wrap(entry.text, Math.max(1, room - 2));
  const shown = rows.length > LONGEST_BLOCK && !whole ? rows.slice(0, LONGEST_BLOCK - 1) : rows;
  const lines = shown.map((row, at): Line => [span(at === 0 ? `${glyph} ` : '  ', sign), span(row, text)]);
  if (shown.length < rows.length) lines.push(line(`  … ${rows.length - shown.length} more lines`, 'faint'));
  entry.wrapped = { width: room, whole, lines };
  return lines;
}

/** The last `rows` rows of a trace, oldest first; a thought in progress is as good as any other line. */
export function traceTail(trace: readonly TraceLine[], rows: number, room: number): Line[] {
  return trace.slice(Math.max(0, trace.length - rows)).map((each) => traceRow(each, room));
}

/**
 * A window of `rows` rows of the wrapped trace, `up` rows above its end (0 = the newest is visible).
 * Wraps only what it must pass over, so a long trace costs no more than what is looked at.
 */
export function traceWindow(trace: readonly TraceLine[], rows: number, room: number, up: number): Line[] {
  const collected: Line[] = [];
  const wanted = rows + up;
  for (let at = trace.length - 1; at >= 0 && collected.length < wanted; at--) {
    const each = trace[at];
    if (each !== undefined) collected.push(...traceBlock(each, room).toReversed());
  }
  const from = Math.max(0, Math.min(up, collected.length - rows));
  return collected.slice(from, from + rows).reverse();
}

/** Rows of the whole trace at this width: the end of scrolling up. */
export const traceHeight = (trace: readonly TraceLine[], room: number): number =>
  trace.reduce((sum, each) => sum + traceBlock(each, room).length, 0);

/** All rows of the trace with nothing cut: what is searched. */
export const wholeTrace = (trace: readonly TraceLine[], room: number): Line[] =>
  trace.flatMap((each) => traceBlock(each, room, true));
