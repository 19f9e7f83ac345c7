/** Colours, and what is left of each on a terminal that shows fewer: the escape codes for 16, 256 and all colours. */

/** The 16 that every terminal has; what they look like is the terminal's own theme. */
export const COLOUR_NAMES = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white',
  'gray',
  'bright-red',
  'bright-green',
  'bright-yellow',
  'bright-blue',
  'bright-magenta',
  'bright-cyan',
  'bright-white',
] as const;

export type ColourName = (typeof COLOUR_NAMES)[number];

/** One of the 16 by name, one of xterm's 256 by number, or any as `#rrggbb`. */
export type Colour = ColourName | number | `#${string}`;

/** How many colours the terminal shows. 0: none, only bold, dim, inverse and underline (NO_COLOR, https://no-color.org). */
export type ColourLevel = 0 | 16 | 256 | 16_777_216;

export const TRUE_COLOUR: ColourLevel = 16_777_216;

const isHex = (colour: ColourName | `#${string}`): colour is `#${string}` => colour.startsWith('#');

type Rgb = readonly [number, number, number];

/** xterm's own values of the 16, to find the nearest by: those of a theme cannot be known. */
const NAMED_RGB: readonly Rgb[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];

/** Steps of the 6x6x6 cube that is 16 to 231 of xterm's 256. */
const CUBE = [0, 95, 135, 175, 215, 255] as const;

/** What of a colour this terminal can show: the nearest of the 16, of the 256, or the colour itself. */
export function shownAs(colour: Colour, level: ColourLevel): Colour | null {
  if (level === 0) return null;
  if (typeof colour === 'number') return level === 16 ? nameOf(rgbOf(colour)) : colour;
  if (!isHex(colour)) return colour;
  if (level === TRUE_COLOUR) return colour;
  const rgb = parseHex(colour);
  return level === 256 ? indexOf(rgb) : nameOf(rgb);
}

/** Parameters of the escape sequence (ECMA-48 8.3.117, and xterm's 38) that writes in a colour; '' where there is none. */
export function foreground(colour: Colour, level: ColourLevel): string {
  const shown = shownAs(colour, level);
  if (shown === null) return '';
  if (typeof shown === 'number') return `38;5;${shown}`;
  if (isHex(shown)) return `38;2;${parseHex(shown).join(';')}`;
  const at = COLOUR_NAMES.indexOf(shown);
  return String(at < 8 ? 30 + at : 82 + at);
}

const parseHex = (text: string): Rgb => {
  const value = Number.parseInt(text.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
};

function rgbOf(index: number): Rgb {
  const named = NAMED_RGB[index];
  if (named !== undefined) return named;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return [grey, grey, grey];
  }
  const at = index - 16;
  return [CUBE[Math.floor(at / 36)] ?? 0, CUBE[Math.floor(at / 6) % 6] ?? 0, CUBE[at % 6] ?? 0];
}

const distance = (a: Rgb, b: Rgb): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;

function nearest(rgb: Rgb, from: number, to: number): number {
  let best = from;
  for (let at = from; at < to; at++) if (distance(rgb, rgbOf(at)) < distance(rgb, rgbOf(best))) best = at;
  return best;
}

const nameOf = (rgb: Rgb): ColourName => COLOUR_NAMES[nearest(rgb, 0, 16)] ?? 'white';

/** Of the cube and the greys only: the first 16 are a theme's, and can look like anything. */
const indexOf = (rgb: Rgb): number => nearest(rgb, 16, 256);

type Environment = Readonly<Record<string, string | undefined>>;

/** How many colours a terminal says that it shows. FORCE_COLOR=0 to 3 decides over all but NO_COLOR, as in the rest of Node's world. */
export function colourLevel({ NO_COLOR, FORCE_COLOR, COLORTERM, TERM }: Environment): ColourLevel {
  if (NO_COLOR || FORCE_COLOR === '0' || TERM === 'dumb') return 0;
  const forced = { '1': 16, '2': 256, '3': TRUE_COLOUR } as const;
  if (FORCE_COLOR === '1' || FORCE_COLOR === '2' || FORCE_COLOR === '3') return forced[FORCE_COLOR];
  if (COLORTERM === 'truecolor' || COLORTERM === '24bit' || TERM?.endsWith('-direct')) return TRUE_COLOUR;
  return TERM?.includes('256color') ? 256 : 16;
}
