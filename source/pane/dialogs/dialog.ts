/** All dialogs as one: which there are, what a key does in the open one, and its frame. */
import type { FleetState, RunState } from '../../loop/state.ts';
import { cells, clip, EMPTY, ends, fit, type Line, span, width } from '../present/span.ts';
import type { Press } from '../press.ts';
import type { Answer, Drawn } from './answer.ts';
import { type AttachDialog, drawAttach, stepAttach } from './attach.ts';
import { type BudgetDialog, drawBudget, stepBudget } from './budget.ts';
import { type CommentDialog, drawComment, stepComment } from './comment.ts';
import { type ConfirmDialog, drawConfirm, stepConfirm } from './confirm.ts';
import { type CopyDialog, drawCopy, stepCopy } from './copy.ts';
import { entry } from './entry.ts';
import { drawEscalate, type EscalateDialog, stepEscalate } from './escalate.ts';
import { drawNote, type NoteDialog, stepNote } from './note.ts';
import { drawPromote, type PromoteDialog, stepPromote } from './promote.ts';
import { drawRule, type RuleDialog, stepRule } from './rule.ts';
import { drawSendBack, type SendBackDialog, stepSendBack } from './send-back.ts';
import { drawSheet, type SheetDialog, stepSheet } from './sheet.ts';
import { drawStart, type StartDialog, stepStart } from './start.ts';

export type Dialog =
  | AttachDialog
  | BudgetDialog
  | CommentDialog
  | ConfirmDialog
  | CopyDialog
  | EscalateDialog
  | NoteDialog
  | PromoteDialog
  | RuleDialog
  | SendBackDialog
  | SheetDialog
  | StartDialog;

/** What a dialog must know of the world to answer and to be drawn. */
export interface Surroundings {
  readonly fleet: FleetState;
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
}

export function stepDialog(dialog: Dialog, press: Press, around: Surroundings): Answer<Dialog> {
  switch (dialog.kind) {
    case 'attach':
      return stepAttach(dialog, press);
    case 'budget':
      return stepBudget(dialog, press);
    case 'comment':
      return stepComment(dialog, press);
    case 'confirm':
      return stepConfirm(dialog, press);
    case 'copy':
      return stepCopy(dialog, press);
    case 'escalate':
      return stepEscalate(dialog, press);
    case 'note':
      return stepNote(dialog, press);
    case 'promote':
      return stepPromote(dialog, press, around.fleet);
    case 'rule':
      return stepRule(dialog, press);
    case 'send-back':
      return stepSendBack(dialog, press);
    case 'sheet':
      return stepSheet(dialog, press, innerSize(around).rows);
    case 'start':
      return stepStart(dialog, press, around.fleet);
  }
}

/** The dialog after $EDITOR has left `text`; dialogs without a text stay as they are. */
export const withText = (dialog: Dialog, text: string): Dialog =>
  'entry' in dialog ? { ...dialog, entry: entry(text.trimEnd()) } : dialog;

function draw(dialog: Dialog, around: Surroundings): Drawn {
  const { columns, rows } = innerSize(around);
  switch (dialog.kind) {
    case 'attach':
      return drawAttach(dialog, columns);
    case 'budget':
      return drawBudget(dialog, named(dialog.runs, around.fleet), around.now, columns);
    case 'comment':
      return drawComment(dialog, columns);
    case 'confirm':
      return drawConfirm(dialog, columns);
    case 'copy':
      return drawCopy(dialog, columns, rows);
    case 'escalate':
      return drawEscalate(dialog, named(dialog.runs, around.fleet), columns);
    case 'note':
      return drawNote(dialog, columns);
    case 'promote':
      return drawPromote(dialog, around.fleet, columns, rows);
    case 'rule':
      return drawRule(dialog, columns, rows);
    case 'send-back':
      return drawSendBack(dialog, columns);
    case 'sheet':
      return drawSheet(dialog, columns, rows);
    case 'start':
      return drawStart(dialog, around.fleet, columns, rows);
  }
}

const named = (ids: readonly string[], fleet: FleetState): RunState[] =>
  ids.flatMap((id) => (fleet.runs[id] === undefined ? [] : [fleet.runs[id]]));

/** Widest a dialog gets: longer lines are hard to read. */
const WIDEST = 78;

/** Cells inside the frame, and rows between the frame's title and its keys. */
export const innerSize = ({ columns, rows }: Pick<Surroundings, 'columns' | 'rows'>) => ({
  columns: Math.max(10, Math.min(WIDEST, columns - 2) - 4),
  rows: Math.max(1, rows - (rows >= 16 ? 7 : 3)),
});

export interface Framed {
  readonly width: number;
  readonly lines: readonly Line[];
}

/** The dialog as it stands on the screen: double frame, title in it, keys at the right of the last row. */
export const frameDialog = (dialog: Dialog, around: Surroundings): Framed =>
  // A dialog that is written in keeps its width while it is.
  framed(draw(dialog, around), around, 'entry' in dialog);

/** The frame around what was drawn for `innerSize`; `wide` gives it all the width that a dialog may have. */
export function framed(drawn: Drawn, around: Surroundings, wide: boolean): Framed {
  const { tone } = drawn;
  const most = innerSize(around).columns;
  const widest = Math.max(cells(drawn.title) + 2, width(drawn.keys), 30, ...drawn.lines.map(width));
  const inner = wide ? most : Math.min(most, widest);
  const title = clip(drawn.title, inner - 1);
  const rule = '═'.repeat(Math.max(0, inner + 1 - cells(title) - 1));
  const row = (content: Line): Line => [span('║ ', tone), ...content, span(' ║', tone)];
  const lines: Line[] = [
    [span('╔ ', tone), span(title, tone === 'bad' ? 'bad' : 'strong'), span(` ${rule.slice(1)}═╗`, tone)],
    ...inSight(drawn.lines, innerSize(around).rows).map((each) => row(fit(each, inner))),
    ...(around.rows >= 16 ? [row(fit(EMPTY, inner))] : []),
    row(ends(EMPTY, drawn.keys, inner)),
    [span(`╚${'═'.repeat(inner + 2)}╝`, tone)],
  ];
  return { width: inner + 4, lines };
}

/** As many rows as there is room for, with the one that is written in among them. */
function inSight(lines: readonly Line[], rows: number): readonly Line[] {
  if (lines.length <= rows) return lines;
  const cursor = Math.max(
    0,
    lines.findIndex((each) => each.some(({ look }) => look === 'cursor')),
  );
  const from = Math.min(Math.max(0, cursor - rows + 1), lines.length - rows);
  return lines.slice(from, from + rows);
}
