/** The signs the pane draws with, and the ASCII twin of each for terminals that have no others. One cell each, both ways. */
import { SIGNS, type Standing } from '../../loop/status-word.ts';
import type { Look } from './span.ts';

const LOOKS: Readonly<Record<Standing, Look>> = {
  busy: 'busy',
  check: 'busy',
  need: 'need',
  held: 'held',
  queued: 'faint',
  green: 'good',
  bad: 'bad',
  ended: 'faint',
};

/** Sign and look of a standing. */
export const markOf = (standing: Standing): { readonly glyph: string; readonly look: Look } => ({
  glyph: SIGNS[standing].glyph,
  look: LOOKS[standing],
});

const TWINS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.values(SIGNS).map(({ glyph, ascii }) => [glyph, ascii])),
  '◉': '@',
  '◇': '-',
  '▸': '>',
  '▾': 'v',
  '»': '"',
  '›': '>',
  '▲': '^',
  '▶': '>',
  '█': '#',
  '░': '-',
  '▁': '1',
  '▂': '2',
  '▃': '3',
  '▄': '4',
  '▅': '5',
  '▆': '6',
  '▇': '7',
  '≥': '>',
  '’': "'",
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
