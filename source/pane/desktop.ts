/**
 * A notification of the desktop, as the escape sequence that this terminal knows; through tmux, which passes it on where
 * `allow-passthrough` is on and drops it otherwise. Who knows none of them ignores them all. What is said is of any origin.
 */
import { oneLine } from './present/clean.ts';

export type Desktop = 'osc9' | 'osc99' | 'osc777';

/** kitty cuts at 2,048 bytes, and nobody reads more than two lines of it. */
const LONGEST = 200;

/** The sequence; null where there is no desktop behind the terminal, or no way to it. `wanted` false: the operator wants none. */
export function notification(
  title: string,
  body: string,
  env: Readonly<Record<string, string | undefined>>,
  wanted: boolean | Desktop = true,
): string | null {
  if (wanted === false || isDeaf(env)) return null;
  const sequence = written(wanted === true ? kindOf(env) : wanted, clean(title), clean(body));
  return env.TMUX ? `\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\` : sequence;
}

/** The console of Linux has no desktop; GNU screen swallows what it does not know. */
function isDeaf({ TERM = '', STY, TMUX }: Readonly<Record<string, string | undefined>>): boolean {
  return /^(?:linux|dumb)?$/.test(TERM) || (Boolean(STY) && !TMUX);
}

/**
 * OSC 9 (iTerm2, WezTerm, Ghostty, foot, Windows' ConEmu) unless the terminal says it is one of the others: kitty's OSC 99, which also
 * stays silent while its window has the focus, or the OSC 777 of urxvt and of VTE. Behind tmux nobody knows who listens, and kitty knows 9.
 */
function kindOf({
  TERM = '',
  TMUX,
  KITTY_WINDOW_ID,
  VTE_VERSION,
}: Readonly<Record<string, string | undefined>>): Desktop {
  if (TMUX) return 'osc9';
  if (TERM === 'xterm-kitty' || KITTY_WINDOW_ID) return 'osc99';
  return VTE_VERSION || TERM.startsWith('rxvt') ? 'osc777' : 'osc9';
}

function written(kind: Desktop, title: string, body: string): string {
  switch (kind) {
    case 'osc9':
      // ConEmu takes what begins with a number for another command: the title does not.
      return `\x1b]9;${title}: ${body}\x07`;
    case 'osc99':
      return `\x1b]99;i=looptop:d=0:o=unfocused;${title}\x1b\\\x1b]99;i=looptop:d=1:o=unfocused:p=body;${body}\x1b\\`;
    case 'osc777':
      return `\x1b]777;notify;${title.replaceAll(';', ',')};${body.replaceAll(';', ',')}\x1b\\`;
  }
}

const clean = (text: string): string => oneLine(text).slice(0, LONGEST).toWellFormed();
