/** One row of a diff as text: sign, number, and the code with its pieces, the changed words and what was moved. Never by colour alone. */
import { type Elsewhere, keyOf, type Moved } from '../../loop/review/moved.ts';
import type { DiffFile, DiffLine, Hunk } from '../../loop/review/parse.ts';
import { changeAround, changedWords, type Range } from '../../loop/review/words.ts';
import type { Reading } from '../../loop/state.ts';
import { reveal } from '../../loop/text.ts';
import { oneLine } from '../present/clean.ts';
import { clip, ends, fit, type Line, type Look, type Span, span } from '../present/span.ts';
import { howOf, openHunks } from './hunk-ids.ts';
import { hunkOf, type Row, type RowIndex } from './index-rows.ts';
import { type Piece, tokens } from './syntax.ts';

/** What the rows of a screen share. */
export interface Painting {
  readonly index: RowIndex;
  readonly moved: Moved;
  readonly folded: ReadonlySet<string>;
  readonly left: number;
  readonly reading: Pick<Reading, 'marks'>;
}

/** A terminal shows a few hundred cells of a line; a line of a megabyte must not be looked at for them. */
const MOST_LETTERS = 4096;

/** Exactly `width` cells. */
export function diffRow(painting: Painting, row: Row, current: boolean, width: number): Line {
  const { index } = painting;
  const file = index.diff.files[row.file];
  if (file === undefined) return fit([], width);
  const mark = span(current ? '▶' : ' ', 'picked');
  if (row.kind === 'file') return ends([mark, ...fileRow(painting, file)], fileState(painting, file), width);
  const hunk = hunkOf(index, row);
  if (hunk === null) return fit([mark], width);
  if (row.kind === 'hunk') return ends([mark, ...hunkRow(hunk)], hunkState(painting, file, hunk), width);
  if (row.kind === 'remark')
    return fit([mark, span('       » ', 'need'), span(oneLine(row.comment.text), 'strong')], width);
  const line = hunk.lines[row.line];
  if (line === undefined) return fit([mark], width);
  return fit([mark, ...lineRow(painting, row, file, hunk, line)], width);
}

function fileRow({ folded }: Painting, file: DiffFile): Line {
  const { path, from, change, binary, mode, added, removed } = file;
  const notes = [
    change === 'changed'
      ? ''
      : change === 'renamed' || change === 'copied'
        ? `${change} from ${oneLine(from ?? '')}`
        : change,
    binary ? 'binary' : '',
    mode === null ? '' : `mode ${mode.before} → ${mode.after}`,
  ].filter((note) => note !== '');
  return [
    span(folded.has(path) ? '▸ ' : '▾ ', 'key'),
    span(oneLine(path), 'strong'),
    span(`  +${added}`, 'good'),
    span(` −${removed}`, 'removed'),
    ...(notes.length === 0 ? [] : [span(`  ${notes.join(', ')}`, 'warn')]),
  ];
}

function fileState({ reading }: Painting, file: DiffFile): Line {
  if (file.hunks.length === 0) return [];
  const open = openHunks(reading, file);
  if (open === null) return [span('not to be read ', 'faint')];
  return open === 0 ? [span('✓ read ', 'good')] : [span(`${open} of ${file.hunks.length} unread `, 'faint')];
}

const hunkRow = (hunk: Hunk): Line => [
  span(`  @@ ${hunk.after}`, 'busy'),
  span(hunk.around === '' ? '' : `  ${clip(oneLine(hunk.around.slice(0, 400)), 120)}`, 'faint'),
];

function hunkState({ reading }: Painting, file: DiffFile, hunk: Hunk): Line {
  switch (howOf(reading, file, hunk)) {
    case 'unseen':
      return [span('unread ', 'warn')];
    case 'skimmed':
      return [span('skimmed ', 'warn')];
    case 'read':
      return [span('✓ read ', 'good')];
    case 'explained':
      return [span('✓ explained ', 'good')];
    case 'skipped':
      return [];
  }
}

const SIGN = { same: '  ', added: '+ ', removed: '- ' } as const;
const MOVED = { same: '  ', added: '+>', removed: '-<' } as const;

function lineRow(painting: Painting, row: Row & { kind: 'line' }, file: DiffFile, hunk: Hunk, line: DiffLine): Line {
  const moved: Elsewhere | undefined = painting.moved.get(keyOf(row.file, row.hunk, row.line));
  const { kind } = line;
  const base: Look = moved !== undefined ? 'moved' : kind === 'same' ? 'plain' : kind;
  const gutter = String((kind === 'removed' ? line.before : line.after) ?? '').padStart(5);
  const text = reveal(line.text.slice(0, MOST_LETTERS));
  const marks = moved === undefined ? wordsOf(hunk, row.line) : [];
  const pieces = kind === 'removed' || moved !== undefined ? [] : tokens(file.path, text);
  return [
    span(`${gutter} `, 'faint'),
    span(moved === undefined ? SIGN[kind] : MOVED[kind], base === 'plain' ? 'faint' : base),
    ...shifted(painted(text, base, pieces, marks, kind === 'removed' ? 'old-word' : 'new-word'), painting.left),
    ...(line.bare ? [span('  (no newline at the end)', 'faint')] : []),
    ...(moved === undefined ? [] : [span(`   ${movedWords(moved, kind === 'added', file)}`, 'faint')]),
  ];
}

const movedWords = ({ path, line }: Elsewhere, here: boolean, file: DiffFile): string =>
  `moved ${here ? 'from' : 'to'} ${path === file.path || path === file.from ? 'line ' : `${oneLine(path)}:`}${line}`;

const LOOKS: Readonly<Record<Exclude<Piece, 'plain'>, Look>> = {
  comment: 'faint',
  string: 'string',
  keyword: 'keyword',
  number: 'number',
};

/** The text cut where its look changes: at pieces of code, and at changed words, which win. */
function painted(
  text: string,
  base: Look,
  pieces: ReturnType<typeof tokens>,
  marks: readonly Range[],
  marked: Look,
): Span[] {
  if (pieces.length === 0 && marks.length === 0) return text === '' ? [] : [span(text, base)];
  const cuts = new Set([0, text.length]);
  for (const { from, to } of pieces) cuts.add(from).add(to);
  for (const [from, to] of marks) cuts.add(Math.min(from, text.length)).add(Math.min(to, text.length));
  const places = [...cuts].sort((a, b) => a - b);
  const spans: Span[] = [];
  let [piece, mark] = [0, 0];
  for (let at = 0; at + 1 < places.length; at++) {
    const [from, to] = [places[at] ?? 0, places[at + 1] ?? 0];
    while ((pieces[piece]?.to ?? Number.POSITIVE_INFINITY) <= from) piece++;
    while ((marks[mark]?.[1] ?? Number.POSITIVE_INFINITY) <= from) mark++;
    const inside = pieces[piece];
    const isMarked = (marks[mark]?.[0] ?? Number.POSITIVE_INFINITY) <= from;
    const token = inside !== undefined && inside.from <= from && inside.piece !== 'plain' ? LOOKS[inside.piece] : base;
    spans.push(span(text.slice(from, to), isMarked ? marked : token));
  }
  return spans;
}

/** Without the first `left` characters. */
function shifted(spans: readonly Span[], left: number): readonly Span[] {
  let rest = left;
  if (rest === 0) return spans;
  return spans.flatMap((each) => {
    if (rest === 0) return [each];
    const letters = [...each.text];
    const gone = Math.min(rest, letters.length);
    rest -= gone;
    return gone === letters.length ? [] : [{ ...each, text: letters.slice(gone).join('') }];
  });
}

/** Compared once: the block of a line stays the same for as long as the diff is here. */
const compared = new WeakMap<Hunk, Map<number, ReadonlyMap<number, readonly Range[]>>>();

function wordsOf(hunk: Hunk, at: number): readonly Range[] {
  const block = changeAround(hunk.lines, at);
  if (block === null) return [];
  const known = compared.get(hunk) ?? new Map<number, ReadonlyMap<number, readonly Range[]>>();
  compared.set(hunk, known);
  let marks = known.get(block.from);
  if (marks === undefined) {
    const lines = hunk.lines
      .slice(block.from, block.to)
      .map(({ kind, text }) => ({ kind, text: reveal(text.slice(0, MOST_LETTERS)) }));
    marks = changedWords(lines);
    known.set(block.from, marks);
  }
  return marks.get(at - block.from) ?? [];
}
