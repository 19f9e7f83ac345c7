/** Reads the operator's keys from the configuration: every action and key must exist, and no key may mean two things on one screen. */
import { didYouMean } from '../../loop/definition/nearest.ts';
import { graphemes } from '../compositor/width.ts';
import type { Binding } from '../keys/binding.ts';
import { KEYMAP } from '../keys/keymap.ts';
import { keysOf, type OperatorKeys } from '../keys/operator.ts';

/** Keys that have a name instead of a character. */
const NAMED = [
  'up',
  'down',
  'left',
  'right',
  'pageup',
  'pagedown',
  'home',
  'end',
  'enter',
  'esc',
  'tab',
  'shift-tab',
  'space',
  'backspace',
  'delete',
] as const;

/** What a terminal sends for these is what it sends for another key, or the pane answers it before the keymap does. */
const TAKEN: Readonly<Record<string, string>> = {
  'ctrl-c': 'it always leaves at its second press',
  'ctrl-z': 'it suspends the pane',
  'ctrl-l': 'it draws everything again',
  'ctrl-i': 'a terminal sends tab for it',
  'ctrl-m': 'a terminal sends enter for it',
  'ctrl-j': 'a terminal sends enter for it',
  'ctrl-h': 'a terminal sends backspace for it',
  'ctrl-[': 'a terminal sends esc for it',
};

/** What cannot be had by another key: the way out. */
const FIXED = new Set(['interrupt']);

export interface KeysRead {
  readonly keys: OperatorKeys;
  /** What is wrong, one line each, beginning with the key of the configuration: `keys.freez: …`. */
  readonly problems: readonly string[];
}

/** Action -> keys as the operator wrote them. With problems the keys are the usual ones as far as they could not be read. */
export function readKeys(written: Readonly<Record<string, readonly string[]>>): KeysRead {
  const actions = [...new Set(KEYMAP.map(({ action }) => action))].filter((action) => !FIXED.has(action));
  const problems: string[] = [];
  const byAction: Record<string, readonly string[]> = {};
  for (const [action, keys] of Object.entries(written)) {
    if (!actions.includes(action)) {
      problems.push(
        `keys.${action}: there is no such action${didYouMean(action, actions) || `: ${actions.join(', ')}`}`,
      );
      continue;
    }
    const wrong = keys.flatMap((key) => problemOf(key) ?? []);
    problems.push(...wrong.map((each) => `keys.${action}: ${each}`));
    if (wrong.length === 0) byAction[action] = [...new Set(keys)];
  }
  const keys: OperatorKeys = { byAction, instead: insteadOf(byAction) };
  return { keys, problems: [...problems, ...conflicts(keys)] };
}

/** Why this names no key that the pane could hear; null when it does. */
function problemOf(key: string): string | null {
  const taken = TAKEN[key];
  if (taken !== undefined) return `${key} cannot be given away: ${taken}`;
  const [, modifier, base = key] = /^(ctrl|alt)-(.+)$/.exec(key) ?? [];
  if (modifier === undefined ? isKey(key) : modifier === 'ctrl' ? /^[a-z]$|^(left|right)$/.test(base) : isKey(base))
    return null;
  return `"${key}" is no key${didYouMean(key, NAMED) || ': write a character, ctrl-x, alt-x, or a name such as enter, space, pageup'}`;
}

function isKey(key: string): boolean {
  if (NAMED.some((name) => name === key)) return true;
  const [first, second] = graphemes(key);
  return first !== undefined && second === undefined && !/[\p{Cc}\s]/u.test(first);
}

/** A key that two actions of one screen would have, each pair named once. */
function conflicts(keys: OperatorKeys): string[] {
  const found = new Set<string>();
  for (const screen of screensOf(KEYMAP)) {
    const owner = new Map<string, Binding>();
    for (const binding of KEYMAP.filter(({ where }) => where.some((each) => each === screen)))
      for (const key of keysOf(binding, keys)) {
        const other = owner.get(key);
        if (other === undefined) owner.set(key, binding);
        else if (other !== binding) found.add(clash(key, other, binding, keys));
      }
  }
  return [...found];
}

function clash(key: string, one: Binding, other: Binding, { byAction }: OperatorKeys): string {
  const [changed, kept] = byAction[other.action]?.includes(key) ? [other, one] : [one, other];
  return `keys.${changed.action}: ${key} is ${kept.action} already (${kept.help}): give keys.${kept.action} another one`;
}

const screensOf = (keymap: readonly Binding[]) => [...new Set(keymap.flatMap(({ where }) => where))];

function insteadOf(byAction: OperatorKeys['byAction']): OperatorKeys['instead'] {
  const instead: Record<string, Record<string, string>> = {};
  for (const { action, keys, where } of KEYMAP) {
    const own = byAction[action];
    if (own === undefined) continue;
    for (const screen of where) {
      const names = instead[screen] ?? {};
      // What has no key any more is still to be had from the palette.
      for (const usual of keys) if (!own.includes(usual)) names[usual] = own[0] ?? `:${action}`;
      instead[screen] = names;
    }
  }
  return instead;
}
