/** What comes from the keyboard, and what a key can want of the outside world: the two ends of every key's way through the pane. */
import type { Command } from '../loop/command.ts';
import type { Entering } from './attach/way.ts';

/** One key by name (`a`, `A`, `space`, `up`, `ctrl-e`, `enter`), or text that was pasted in one piece. */
export type Press = { readonly key: string } | { readonly paste: string };

/** What the pane asks of the world. Nothing on the screen changes until the event that a command caused comes back. */
export type Intent =
  | { readonly do: 'send'; readonly commands: readonly Command[] }
  /** The same without a word about it when it is done. */
  | { readonly do: 'report'; readonly command: Command }
  /** Hand the terminal to $EDITOR with this text; what it leaves becomes the open dialog's text. */
  | { readonly do: 'edit'; readonly text: string }
  /** Ask how a person can go into a run, and offer the ways. */
  | { readonly do: 'attach'; readonly run: string }
  /** Hand the terminal to one of them. */
  | ({ readonly do: 'enter' } & Entering)
  /** Hand a text to the terminal's clipboard. */
  | { readonly do: 'copy'; readonly what: string; readonly text: string }
  | { readonly do: 'leave' };
