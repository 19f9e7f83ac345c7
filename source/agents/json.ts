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
/** A finite number of 0 or more; anything else is 0. */
export const count = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
