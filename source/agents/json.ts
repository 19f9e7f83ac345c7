/** Reading JSON from programs we do not control: every access is total, a wrong type is the same as an absent value. */

export type Json = Readonly<Record<string, unknown>>;

const EMPTY: Json = {};

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The line as an object, or null when it is not JSON or not an object. */
export function parseObject(line: string): Json | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export const object = (value: unknown): Json => (isObject(value) ? value : EMPTY);
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** More than any token count, duration or time that a program of this world reports; sums of thousands of them stay exact. */
const LARGEST = 1e12;

/** A number from 0 to a million millions; what is larger counts as that, anything else is 0. */
export const count = (value: unknown): number =>
  typeof value === 'number' && value > 0 ? Math.min(value, LARGEST) : 0;
