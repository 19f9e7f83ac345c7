/** Texts as events carry them: capped in length, and hashed so that the stuck rules can tell "the same again". */
import { createHash } from 'node:crypto';
import { object } from './json.ts';

/** No event carries more than this of one text: a single tool result of 409 kB was seen, and the whole is in the `out` file. */
const LONGEST = 4000;

/** At most 4,000 characters: the head and the tail, where commands begin and where errors end. */
export function clip(text: string): string {
  if (text.length <= LONGEST) return text;
  const half = (LONGEST - 40) / 2;
  const cut = text.length - 2 * half;
  return `${text.slice(0, half).replace(LONE_HIGH, '')}\n… ${cut} characters …\n${text.slice(-half).replace(LONE_LOW, '')}`;
}

/** Halves of a surrogate pair that a cut leaves behind. */
const LONE_HIGH = /[\ud800-\udbff]$/;
const LONE_LOW = /^[\udc00-\udfff]/;

/** Nine have a digit to choose them by, and a longer one is no answer but a text. */
const OPTIONS = { most: 9, longest: 400 } as const;

/** Answers as a question carries them: the first nine, or none where one of them could not be sent back word for word. */
export function offered(options: readonly string[]): string[] {
  const first = options.slice(0, OPTIONS.most);
  return first.every((option) => option.trim() !== '' && option.length <= OPTIONS.longest) ? first : [];
}

/** Same tool with the same input, same hash: key order and the model's own description of a command do not count. */
export function callHash(tool: string, input: unknown): string {
  const { description: _, ...rest } = object(input);
  return short(`${tool}\0${JSON.stringify(sorted(rest))}`);
}

/** Same result, same hash, whatever the colours, clock times, durations, addresses and temporary names in it. */
export function resultHash(ok: boolean, output: string): string {
  return short(`${ok}\0${VOLATILE.reduce((text, [pattern, word]) => text.replace(pattern, word), output).trim()}`);
}

const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\u001b\[[0-9;?]*[ -/]*[@-~]/g, ''],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b/g, '<time>'],
  [/\b\d+(?:\.\d+)? ?(?:ms|s|seconds?|minutes?)\b/g, '<duration>'],
  [/\b0x[0-9a-f]+\b/gi, '<address>'],
  [/\/tmp\/[^\s'":)]+/g, '<temporary>'],
  [/\s+/g, ' '],
];

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
