/** Reads the operator's theme from the configuration: one of ours by name, or one of ours with some looks changed. */
import { didYouMean, oneOf } from '../../loop/definition/nearest.ts';
import { COLOUR_NAMES, type Colour, type Style } from '../compositor/index.ts';
import type { Look } from '../present/span.ts';
import { DARK, THEMES, type Theme } from '../theme.ts';

export interface ThemeRead {
  readonly theme: Theme;
  /** What is wrong, one line each: `theme.need: …`. */
  readonly problems: readonly string[];
}

const ATTRIBUTES = ['bold', 'dim', 'inverse', 'underline'] as const;
type Attribute = (typeof ATTRIBUTES)[number];

const isLook = (name: string): name is Look => Object.hasOwn(DARK, name);

/** `dark`, or `{ base: light, need: "#ff8800 bold" }`. With problems the theme is as far as it could be read. */
export function readTheme(written: string | Readonly<Record<string, string>> | null): ThemeRead {
  if (written === null) return { theme: DARK, problems: [] };
  const { base = 'dark', ...looks } = typeof written === 'string' ? { base: written } : written;
  const problems: string[] = [];
  const named = Object.hasOwn(THEMES, base) ? THEMES[base] : undefined;
  if (named === undefined) {
    const names = Object.keys(THEMES);
    const where = typeof written === 'string' ? 'theme' : 'theme.base';
    problems.push(`${where}: there is no theme ${base}${didYouMean(base, names) || `: ${oneOf(names)}`}`);
  }
  const theme: Record<Look, Style> = { ...(named ?? DARK) };
  for (const [look, words] of Object.entries<string>(looks)) {
    if (!isLook(look)) {
      const all = Object.keys(DARK);
      problems.push(`theme.${look}: there is no such look${didYouMean(look, ['base', ...all]) || `: ${oneOf(all)}`}`);
      continue;
    }
    const style = readStyle(words);
    if (typeof style === 'string') problems.push(`theme.${look}: ${style}`);
    else theme[look] = style;
  }
  return { theme, problems };
}

/** `yellow bold` as a style; a text says what cannot be read. */
function readStyle(words: string): Style | string {
  let fg: Colour | undefined;
  const on: Partial<Record<Attribute, true>> = {};
  for (const word of words.toLowerCase().split(/\s+/).filter(Boolean)) {
    const attribute = ATTRIBUTES.find((name) => name === word);
    if (attribute !== undefined) {
      on[attribute] = true;
      continue;
    }
    if (word === 'plain') continue;
    const colour = readColour(word);
    if (colour === null) {
      const near = didYouMean(word, [...COLOUR_NAMES, ...ATTRIBUTES]);
      return `"${word}" is no colour${near || ': write a name such as bright-blue, 0 to 255 or #rrggbb, and bold, dim, inverse or underline'}`;
    }
    if (fg !== undefined) return `"${words}" names two colours`;
    fg = colour;
  }
  return { ...(fg === undefined ? {} : { fg }), ...on };
}

function readColour(word: string): Colour | null {
  const name = COLOUR_NAMES.find((each) => each === word || each === word.replace('grey', 'gray'));
  if (name !== undefined) return name;
  if (/^\d{1,3}$/.test(word)) return Number(word) <= 255 ? Number(word) : null;
  return /^#[0-9a-f]{6}$/.test(word) ? `#${word.slice(1)}` : null;
}
