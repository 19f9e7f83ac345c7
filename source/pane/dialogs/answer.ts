/** What a dialog is to the rest of the pane: what it answers to a key, and what it looks like. */
import type { Command } from '../../loop/command.ts';
import type { Comment } from '../../loop/review/comments.ts';
import type { Line, Look } from '../present/span.ts';
import type { Intent } from '../press.ts';

/** The dialog as it is after a key (null: closed), and what it wants of the world. */
export interface Answer<D> {
  readonly dialog: D | null;
  readonly intents: readonly Intent[];
  /** Why the key did nothing, for the toast line. */
  readonly refused?: string;
  /** Takes the place of the comment on the same line; without a text it only takes that away. */
  readonly comment?: Comment;
}

export const stay = <D>(dialog: D): Answer<D> => ({ dialog, intents: [] });
export const close = { dialog: null, intents: [] } as const;
export const send = (...commands: readonly Command[]): Answer<never> => ({
  dialog: null,
  intents: [{ do: 'send', commands }],
});
export const refuse = <D>(dialog: D, refused: string): Answer<D> => ({ dialog, intents: [], refused });

export interface Drawn {
  readonly title: string;
  /** The look of the frame: `bad` when something is lost by it. */
  readonly tone: Look;
  readonly lines: readonly Line[];
  /** Which keys answer it; drawn at the right of the last row. */
  readonly keys: Line;
}
