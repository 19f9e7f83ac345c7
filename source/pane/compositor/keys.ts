/** Keys, one at a time: what is typed fast or while the pane was busy arrives as one batch, and a batch is no key. */
import { type Key as InkKey, useInput, usePaste } from 'ink';
import { sanitize } from '../../loop/text.ts';
import { graphemes } from './width.ts';

/** A key of the keyboard; `char` for one that types a character, `paste` for a text pasted as a whole. */
export type KeyName =
  | 'char'
  | 'paste'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'pageup'
  | 'pagedown'
  | 'home'
  | 'end'
  | 'enter'
  | 'escape'
  | 'tab'
  | 'backspace'
  | 'delete';

/** One key press. */
export interface Key {
  readonly name: KeyName;
  /** The character of a `char` (the letter also with ctrl or meta), the text of a `paste`; else ''. */
  readonly char: string;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly meta: boolean;
}

const NAMED: readonly (readonly [keyof InkKey, KeyName])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
];

const CONTROLS = new Map<string, KeyName>([
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\t', 'tab'],
  ['\x1b', 'escape'],
  ['\x7f', 'backspace'],
  ['\b', 'backspace'],
]);

/** Calls `press` for each key while `isActive` (the default). A paste is one key named `paste`, so that it can not act as commands. */
export function useKeys(press: (key: Key) => void, options: { readonly isActive?: boolean } = {}): void {
  useInput((input, key) => {
    for (const one of splitKeys(input, key)) press(one);
  }, options);
  usePaste((text) => {
    press({
      name: 'paste',
      char: text
        .split(/\r\n|[\r\n]/)
        .map(sanitize)
        .join('\n'),
      ctrl: false,
      shift: false,
      meta: false,
    });
  }, options);
}

/** The keys in what Ink's `useInput` hands over. */
export function splitKeys(input: string, key: InkKey): Key[] {
  if (key.eventType === 'release') return [];
  const { ctrl, shift, meta } = key;
  const named = NAMED.find(([flag]) => key[flag] === true);
  if (named) return [{ name: named[1], char: '', ctrl, shift, meta }];
  return [...graphemes(input)].flatMap((char) => keyOf(char, ctrl, shift, meta));
}

function keyOf(char: string, ctrl: boolean, shift: boolean, meta: boolean): Key[] {
  // Segmenter keeps CR LF together; so does a terminal's Enter.
  const control = CONTROLS.get(char.charAt(0));
  if (control) return [{ name: control, char: '', ctrl, shift, meta }];
  if (char < ' ')
    return [{ name: 'char', char: String.fromCharCode(char.charCodeAt(0) + 0x60), ctrl: true, shift, meta }];
  if (/\p{Cc}/u.test(char)) return [];
  return [{ name: 'char', char, ctrl, shift: shift || /^\p{Lu}$/u.test(char), meta }];
}
