/** A sheet to read: help, the rules. Scrolls, changes nothing, and any closing key closes it. */
import { key } from '../present/run-words.ts';
import { clipLine, type Line, span } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, stay } from './answer.ts';

export interface SheetDialog {
  readonly kind: 'sheet';
  readonly title: string;
  readonly lines: readonly Line[];
  readonly scroll: number;
}

export const sheet = (title: string, lines: readonly Line[]): SheetDialog => ({
  kind: 'sheet',
  title,
  lines,
  scroll: 0,
});

export function stepSheet(dialog: SheetDialog, press: Press, rows: number): Answer<SheetDialog> {
  if (!('key' in press)) return stay(dialog);
  const limit = Math.max(0, dialog.lines.length - rows);
  const to = (scroll: number) => stay({ ...dialog, scroll: Math.min(limit, Math.max(0, scroll)) });
  switch (press.key) {
    case 'down':
    case 'j':
      return to(dialog.scroll + 1);
    case 'up':
    case 'k':
      return to(dialog.scroll - 1);
    case 'pagedown':
    case 'space':
      return to(dialog.scroll + rows);
    case 'pageup':
      return to(dialog.scroll - rows);
    case 'home':
    case 'g':
      return to(0);
    case 'end':
    case 'G':
      return to(limit);
    case 'esc':
    case 'enter':
    case 'q':
    case '?':
      return close;
    default:
      return stay(dialog);
  }
}

export function drawSheet(dialog: SheetDialog, room: number, rows: number): Drawn {
  const from = Math.min(dialog.scroll, Math.max(0, dialog.lines.length - rows));
  const more = dialog.lines.length > rows;
  return {
    title: dialog.title,
    tone: 'faint',
    lines: dialog.lines.slice(from, from + rows).map((each) => clipLine(each, room)),
    keys: [...(more ? [...key('↑↓', 'scroll'), span('  ')] : []), ...key('esc', 'close')],
  };
}
