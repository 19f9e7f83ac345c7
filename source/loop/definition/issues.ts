/** Checks a value against a zod schema and says what is wrong in words for the person who wrote it. */
import * as z from 'zod';
import { didYouMean, oneOf } from './nearest.ts';
import { type Path, quote, type Remark, valueAt } from './problem.ts';

export type Checked<T> =
  | { readonly value: T; readonly remarks: null }
  | { readonly value: null; readonly remarks: readonly Remark[] };

/** Never throws for any `value` of plain data. */
export function check<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const result = schema.safeParse(value, { error: words });
  if (result.success) return { value: result.data, remarks: null };
  return { value: null, remarks: result.error.issues.flatMap((issue) => remarks(issue, [], value)) };
}

type Issue = z.core.$ZodIssue;

function remarks(issue: Issue, above: Path, value: unknown): Remark[] {
  const path: Path = [...above, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code === 'unrecognized_keys') {
    const hints = issue.message.split('\n');
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      message: `unknown key${hints[index] ?? ''}`,
      found: '',
    }));
  }
  const found = valueAt(value, path);
  if (issue.code === 'invalid_union' && typeof found === 'object' && found !== null) {
    // A map where a word or a map may stand: what is wrong inside the map is the news, not that it is no word.
    const close = issue.errors.filter(
      (errors) => !errors.some((error) => error.code === 'invalid_type' && error.path.length === 0),
    );
    const only = close.length === 1 ? close[0] : undefined;
    if (only) return only.flatMap((error) => remarks(error, path, value));
  }
  return [{ path, message: found === undefined ? `missing, ${issue.message}` : issue.message, found: quote(found) }];
}

/** Words for what no schema of ours has words for. One line a key for unknown keys, in their order. */
function words(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      return `expected ${oneOf(allowed)}${typeof issue.input === 'string' ? didYouMean(issue.input, allowed) : ''}`;
    }
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${units(issue.origin)}`;
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${units(issue.origin)}`;
    case 'unrecognized_keys': {
      const allowed = keysOf(issue.inst);
      return issue.keys.map((key) => didYouMean(key, allowed)).join('\n');
    }
    default:
      return 'not allowed here';
  }
}

function keysOf(schema: unknown): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum) return schema.keyType.options.map(String);
  return [];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

function units(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}
