/** Which part of the thing under the cursor goes to the clipboard. The key that opened it takes the first. */
import { oneLine } from '../present/clean.ts';
import { key } from '../present/run-words.ts';
import { clipLine, type Line, padEnd, span } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, stay } from './answer.ts';
import { moveChoice, windowOf } from './choice.ts';

export interface CopyItem {
  readonly what: string;
  /** Clean: what is pasted into a shell must not be more than what was seen. */
  readonly text: string;
}

export interface CopyDialog {
  readonly kind: 'copy';
  readonly items: readonly CopyItem[];
  readonly choice: number;
}

export const openCopy = (items: readonly CopyItem[]): CopyDialog => ({ kind: 'copy', items, choice: 0 });

export function stepCopy(dialog: CopyDialog, press: Press): Answer<CopyDialog> {
  if (!('key' in press)) return stay(dialog);
  switch (press.key) {
    case 'esc':
    case 'q':
      return close;
    case 'enter':
    case 'y': {
      const item = dialog.items[dialog.choice];
      return item === undefined ? close : { dialog: null, intents: [{ do: 'copy', what: item.what, text: item.text }] };
    }
    default:
      return stay({ ...dialog, choice: moveChoice(dialog.choice, press.key, dialog.items.length) });
  }
}

export function drawCopy(dialog: CopyDialog, room: number, rows: number): Drawn {
  const from = windowOf(dialog.choice, dialog.items.length, rows);
  return {
    title: 'Copy',
    tone: 'picked',
    lines: dialog.items.slice(from, from + rows).map(({ what, text }, at): Line => {
      const current = from + at === dialog.choice;
      return clipLine(
        [
          span(current ? '▶ ' : '  ', 'picked'),
          span(padEnd(what, 14), current ? 'picked' : 'strong'),
          span(oneLine(text), 'faint'),
        ],
        room,
      );
    }),
    keys: [...key('enter', 'copy'), span('  '), ...key('esc', 'no')],
  };
}
