/** What is wrong with a loop file, in the words and at the line where its author will put it right. */
import { visible } from '../unprintable.ts';

export interface Problem {
  /** As the caller named it, usually relative to the repository. */
  readonly file: string;
  /** 1 or more, counted in the whole file. */
  readonly line: number;
  /** `budget.tokens`, `gates[0].timeout`; empty when the file as a whole is meant. */
  readonly key: string;
  /** What stands there, quoted for a message; empty when nothing does. */
  readonly found: string;
  readonly message: string;
}

/** A problem before the file's name is put to it. */
export type Complaint = Omit<Problem, 'file'>;

/** Where a value stands in the front matter: keys and list positions from the top. */
export type Path = readonly (string | number)[];

/** A complaint about a value, before its line is looked up. */
export interface Remark {
  readonly path: Path;
  readonly message: string;
  /** Already quoted; the value at `path` when absent. */
  readonly found?: string;
}

/** One line: `loops/ci-fix.md:12: budget.tokens: found "lots", expected a number such as 400k`. */
export function formatProblem({ file, line, key, found, message }: Problem): string {
  const subject = key === '' ? '' : `${visible(key)}: `;
  const seen = found === '' ? '' : `found ${found}, `;
  return `${visible(file)}:${line}: ${subject}${seen}${message}`;
}

/** `['gates', 0, 'timeout']` as `gates[0].timeout`. */
export function keyOf(path: Path): string {
  let key = '';
  for (const step of path) key += typeof step === 'number' ? `[${step}]` : key === '' ? step : `.${step}`;
  return key;
}

// Long enough for a command to be recognised, short enough to leave the message on the line.
const LONGEST_QUOTE = 60;

/** A value as a message shows it: JSON in one line of at most 60 characters, nothing unprintable. */
export function quote(value: unknown): string {
  if (value === undefined) return '';
  if (value === null) return 'nothing';
  const json = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return json.length <= LONGEST_QUOTE ? visible(json) : `${visible(json.slice(0, LONGEST_QUOTE - 1))}…`;
}

/** The value at a path of plain maps and lists; undefined when nothing stands there. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = Reflect.get(here, step);
  }
  return here;
}
