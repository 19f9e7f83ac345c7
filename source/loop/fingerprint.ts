/** What failed, as a hash and as a line: the same failure gives the same hash whatever the time, place and order of the run. */
import { createHash } from 'node:crypto';
import type { Failure } from './fingerprint/failure.ts';
import { recognise } from './fingerprint/recognise.ts';
import { plain, scrub } from './fingerprint/scrub.ts';

export interface Fingerprint {
  /** 16 hex digits. */
  readonly fingerprint: string;
  /** One line of at most 100 characters without control characters: what failed. Never empty. */
  readonly summary: string;
}

/** A terminal pane shows one line; longer ones would be cut there anyway. */
const LONGEST_SUMMARY = 100;
/** Failures of a broken build run into thousands of lines; this many of its last ones are looked at. */
const MOST_LINES = 20_000;

/**
 * Fingerprint of a gate that was red: exit code (null when a signal ended it) and the set of failing tests, or of the
 * first lines that speak of an error where no test names itself (rules: reference of stuck detection, domain 3.5).
 */
export function fingerprint({ exit, output }: { exit: number | null; output: string }): Fingerprint {
  const lines = plain(output, MOST_LINES);
  const failures = recognise(lines);
  const names = failures.length > 0 ? failures.map(nameOf) : telling(lines).map(scrub);
  const set = [...new Set(names)].sort();
  const hash = createHash('sha256')
    .update(JSON.stringify([exit, set]))
    .digest('hex');
  return { fingerprint: hash.slice(0, 16), summary: summarise(exit, failures, lines) };
}

const nameOf = ({ name, reason }: Failure): string => scrub(name || reason);

function summarise(exit: number | null, failures: readonly Failure[], lines: readonly string[]): string {
  const [first] = failures;
  const text = first ? [first.name, first.reason].filter(Boolean).join(': ') : telling(lines)[0];
  const others = new Set(failures.map(nameOf)).size - 1;
  const more = others > 0 ? ` (+${others} more)` : '';
  const line = cut((text ?? '').replace(/\s+/g, ' ').trim(), LONGEST_SUMMARY - more.length);
  if (line) return line + more;
  return exit === null ? 'ended by a signal, without output' : `exit code ${exit}, without output`;
}

function cut(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

const ERROR =
  /\b(?:\w*error|errors|failed|failure|fatal|panic|panicked|\w*exception|traceback|denied|expected|assert\w*)\b|not found|no such|cannot |can't |undefined/i;
/** What package managers say about any failure, and what only counts. */
const NOISE =
  /^npm (?:error|ERR!|warn)|^\s*(?:at |npm notice)|\b0 (?:errors?|failed|failures)\b|ELIFECYCLE|^error Command failed|^make(?:\[\d+\])?: \*\*\*/;

/** Up to five lines that speak of an error, else the last three that say anything. */
function telling(lines: readonly string[]): string[] {
  const said = lines.map((line) => line.trim()).filter((line) => line && !NOISE.test(line));
  const errors = said.filter((line) => ERROR.test(line)).slice(0, 5);
  return errors.length > 0 ? errors : said.slice(-3);
}
