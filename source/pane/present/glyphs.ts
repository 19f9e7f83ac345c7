/** The signs the pane draws with, and the ASCII twin of each for terminals that have no others. One cell each, both ways. */
import type { Standing } from '../../loop/status-word.ts';
import type { Look } from './span.ts';

/** State glyph and look per standing; the word always stands beside it. */
export const STANDING: Readonly<Record<Standing, { readonly glyph: string; readonly look: Look }>> = {
  busy: { glyph: '●', look: 'busy' },
  check: { glyph: '◐', look: 'busy' },
  need: { glyph: '◆', look: 'need' },
  held: { glyph: '‖', look: 'held' },
  queued: { glyph: '○', look: 'faint' },
  green: { glyph: '✓', look: 'good' },
  bad: { glyph: '✗', look: 'bad' },
  ended: { glyph: '■', look: 'faint' },
};

const TWINS: Readonly<Record<string, string>> = {
  '●': '*',
  '◐': '~',
  '◆': '!',
  '‖': '|',
  '○': 'o',
  '✓': '+',
  '✗': 'x',
  '■': '#',
  '◉': '@',
  '◇': '-',
  '▸': '>',
  '»': '"',
  '›': '>',
  '▲': '^',
  '▶': '>',
  '█': '#',
  '░': '-',
  '·': '.',
  '…': '~',
  '≈': '~',
  '→': '>',
  '←': '<',
  '↑': '^',
  '↓': 'v',
  '╭': '+',
  '╮': '+',
  '╰': '+',
  '╯': '+',
  '┏': '+',
  '┓': '+',
  '┗': '+',
  '┛': '+',
  '╔': '+',
  '╗': '+',
  '╚': '+',
  '╝': '+',
  '─': '-',
  '━': '=',
  '═': '=',
  '│': '|',
  '┃': '|',
  '║': '|',
  '−': '-',
};

const ASCII = /^[\x20-\x7e]*$/;

/** The text in ASCII, cell for cell for our own signs; anything else foreign becomes `?`. */
export function toAscii(text: string): string {
  if (ASCII.test(text)) return text;
  let out = '';
  for (const character of text) out += ASCII.test(character) ? character : (TWINS[character] ?? '?');
  return out;
}

/** Whether the terminal can show more than ASCII: the locale says UTF-8, and it is not the kernel's console with its 256 glyphs. */
export function wantsAscii(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.TERM === 'linux' || env.TERM === 'dumb') return true;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return !/utf-?8/i.test(locale);
}
