/**
 * One thing to work on, as a command printed it: what tells it apart, what would make it new, and as much of it as is kept. Its words
 * come from other people: here they are cut and cleaned, which makes them safe to show, and no more than that.
 */
import { createHash } from 'node:crypto';
import { sanitize } from '../text.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Characters of one item as JSON that are kept: an issue with its first paragraphs, ten threads of a review. */
const ITEM_CHARACTERS = 8000;
/** Values in it that are looked at. */
const VALUES_MOST = 1000;
/** Longest text in it, fields of one object, elements of one list, and how deep they nest. */
const LONGEST = { text: 2000, name: 100, fields: 64, elements: 50, depth: 6 } as const;
/** Longer keys tell nothing apart that shorter ones do not. */
const KEY_CHARACTERS = 200;

/** What stands at `issue.number` in it; undefined when there is nothing. Only its own fields: `constructor` is none. */
export function fieldOf(item: unknown, path: string): unknown {
  if (own(item, path)) return Reflect.get(item, path);
  let here = item;
  for (const step of path.split('.')) {
    if (!own(here, step)) return undefined;
    here = Reflect.get(here, step);
  }
  return here;
}

const own = (value: unknown, name: string): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name);

/** The text that tells it apart; null when it has none, or one that no key is. */
export function keyOf(item: unknown, path: string): string | null {
  const value = fieldOf(item, path);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  return typeof value === 'string' && value.trim() !== '' && value.length <= KEY_CHARACTERS ? value : null;
}

/** Names, numbers, paths: nothing that could be read as a sentence, a heading or a command. */
const PLAIN_KEY = /^[A-Za-z0-9#][\w#./:@-]{0,63}$/;

/** How a key stands in a prompt, a list or a message: itself where it is a plain word, else a digest of it. */
export const labelOf = (key: string): string => (PLAIN_KEY.test(key) ? key : `key-${digest(key, 12)}`);

/** Of the fields that would make a known item new; of none, always the same. */
export const changeDigest = (item: unknown, changedBy: readonly string[]): string =>
  digest(JSON.stringify(changedBy.map((path) => sorted(fieldOf(item, path) ?? null))), 16);

/** @param length of the digest in hex digits */
export const digest = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

/** Deeper than this a change is not seen: a value can nest deeper than any stack. */
const COMPARED_DEPTH = 16;

/** The same value whatever the order of its fields. */
function sorted(value: unknown, depth = COMPARED_DEPTH): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.map((held) => sorted(held, depth - 1));
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([name, held]) => [name, sorted(held, depth - 1)]);
}

/** As much of a JSON value as is kept: cut, and without anything that does not print. What was cut ends in `…`. */
export function boundedItem(value: unknown): Json {
  for (const text of [LONGEST.text, 500, 200, 100]) {
    const item = bounded(value, text, LONGEST.depth, { values: VALUES_MOST });
    if (JSON.stringify(item).length <= ITEM_CHARACTERS) return item;
  }
  const object = typeof value === 'object' && value !== null ? value : {};
  const flat = Object.keys(object)
    .filter((name) => typeof Reflect.get(object, name) !== 'object')
    .slice(0, 16);
  const short = bounded(Object.fromEntries(flat.map((name) => [name, Reflect.get(object, name)])), 50, 1, {
    values: 20,
  });
  return typeof short === 'object' && short !== null && !Array.isArray(short) ? { ...short, cut: true } : short;
}

/** @param left how many values more are looked at: an item can hold more of them than anybody should wait for */
function bounded(value: unknown, text: number, depth: number, left: { values: number }): Json {
  left.values--;
  if (typeof value === 'string') return cleaned(value, text);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null) return null;
  if (depth === 0 || left.values <= 0) return '…';
  if (Array.isArray(value)) return value.slice(0, LONGEST.elements).map((held) => bounded(held, text, depth - 1, left));
  const names = Object.keys(value)
    // Whoever copies this field by assignment would change what every object has.
    .filter((name) => name !== '__proto__')
    .slice(0, LONGEST.fields);
  return Object.fromEntries(
    names.map((name) => [cleaned(name, LONGEST.name), bounded(Reflect.get(value, name), text, depth - 1, left)]),
  );
}

function cleaned(text: string, most: number): string {
  // Before it is cleaned, so that a megabyte costs no more than a page.
  const near = text.slice(0, most * 2);
  const clean = near.split('\n').map(sanitize).join('\n');
  return clean.length > most || near.length < text.length ? `${whole(clean.slice(0, most - 1))}…` : clean;
}

/** Without half a surrogate pair at its end. */
const whole = (text: string): string => text.replace(/[\ud800-\udbff]$/, '');
