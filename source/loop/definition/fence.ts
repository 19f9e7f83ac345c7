/** Splits a loop file into front matter and body. By hand: gray-matter's `---js` fence runs code out of the file. */
import type { Complaint } from './problem.ts';

export interface Fenced {
  /** The YAML between the fences, line feeds only. */
  readonly yaml: string;
  /** The file's line on which `yaml` begins. */
  readonly yamlLine: number;
  readonly body: string;
  readonly bodyLine: number;
}

/** Whole file; a prompt this long would cost more than the default budget to read even once. */
export const LARGEST_FILE = 256 * 1024;
/** Front matter alone: 40 times the longest example, and small enough that hostile YAML parses in well under a second. */
export const LARGEST_FRONT_MATTER = 32 * 1024;

const FENCE = /^---[ \t]*$/;

/** Takes LF, CRLF and CR line ends and a byte order mark. */
export function splitFence(text: string): Fenced | Complaint {
  if (text.length > LARGEST_FILE || new TextEncoder().encode(text).length > LARGEST_FILE)
    return complaint(
      1,
      'the file is larger than 256 KiB: keep the contract here and long material in files that context.files names',
    );

  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const first = lines[0] ?? '';
  if (!FENCE.test(first)) {
    if (/^---/.test(first))
      return complaint(1, 'the first line must be exactly ---', JSON.stringify(first.slice(0, 40)));
    return complaint(
      1,
      'no front matter: the file must begin with a line ---, then name, on, goal and gates, then a line ---',
    );
  }
  const end = lines.findIndex((line, index) => index > 0 && FENCE.test(line));
  if (end === -1) return complaint(1, 'the front matter is not closed: put a line --- between it and the prompt');

  const yaml = lines.slice(1, end).join('\n');
  if (yaml.length > LARGEST_FRONT_MATTER) return complaint(2, 'the front matter is larger than 32 KiB');
  return { yaml, yamlLine: 2, body: lines.slice(end + 1).join('\n'), bodyLine: end + 2 };
}

const complaint = (line: number, message: string, found = ''): Complaint => ({ line, key: '', found, message });
