/** Test runners of JavaScript: node:test (spec and TAP), vitest, jest, mocha. */

import type { Failure, Recogniser } from './failure.ts';
import { reasonIn, until } from './reason.ts';

/** `✖ name (1.2ms)`. At the end each failing test comes again, without its suites and with the error: that part is enough. */
export const nodeSpec: Recogniser = (lines) => {
  const end = lines.lastIndexOf('✖ failing tests:');
  const found: Failure[] = [];
  for (let index = Math.max(0, end); index < lines.length; index++) {
    const name = /^\s*✖ (.+) \(\d+(?:\.\d+)?ms\)(?: #.*)?$/.exec(lines[index] ?? '')?.[1];
    if (name === undefined) continue;
    const body = until(lines, index + 1, /^\s*(?:✖ |▶ |✔ |test at |\s+at )/);
    found.push({ name, reason: end >= 0 ? reasonIn(body) : '' });
  }
  return found;
};

/** `not ok 2 - name`, with a YAML block below. Suites that failed through a test of theirs are left out. */
export const tap: Recogniser = (lines) =>
  lines.flatMap((line, index) => {
    const [, name, directive] = /^\s*not ok \d+(?: -)? ([^#]*)(#.*)?$/.exec(line) ?? [];
    if (name === undefined || /^#\s*(?:todo|skip)/i.test(directive ?? '')) return [];
    const block = until(lines, index + 1, /^\s*(?:\.\.\.|not ok|ok)(?:\s|$)/);
    if (block.some((field) => /failureType: 'subtestsFailed'/.test(field))) return [];
    const at = block.findIndex((field) => /^\s*(?:error|message):/.test(field));
    const said = block[at]?.replace(/^\s*(?:error|message):\s*/, '').replace(/^(['"])(.*)\1$/, '$2') ?? '';
    const reason = /^[|>]-?$/.test(said) ? reasonIn(until(block, at + 1, /^\s*(?:code|name|stack):/)) : said;
    return [{ name: name.trim(), reason }];
  });

/** ` FAIL  file > suite > name`, the error below. */
export const vitest: Recogniser = (lines) =>
  lines.flatMap((line, index) => {
    const name = /^\s*FAIL {2}(\S.*)$/.exec(line)?.[1];
    if (name === undefined || !/ > |\[ .* \]$/.test(name)) return [];
    const reason = reasonIn(until(lines, index + 1, /^\s*(?:❯|FAIL |⎯)/));
    return [{ name: name.replace(/ \[ .* \]$/, '').trim(), reason }];
  });

/** `  ● suite › name`, the error below. */
export const jest: Recogniser = (lines) => {
  if (!lines.some((line) => /^(?:Tests|Test Suites): /.test(line))) return [];
  let file = '';
  return lines.flatMap((line, index) => {
    file = /^FAIL (\S+)/.exec(line)?.[1] ?? file;
    const name = /^ {2}● (?!Console|process\.)(\S.*)$/.exec(line)?.[1];
    if (name === undefined) return [];
    const whole = name === 'Test suite failed to run' ? `${file}: ${name}` : name;
    return [{ name: whole, reason: reasonIn(until(lines, index + 1, /^ {2}● |^\s+at |^\s*\d+ \||^\s*>/)) }];
  });
};

/** After `2 failing`: `  1) suite` / `       name:` and the error. */
export const mocha: Recogniser = (lines) => {
  const start = lines.findIndex((line) => /^\s+\d+ failing$/.test(line));
  if (start < 0) return [];
  const found: Failure[] = [];
  for (let index = start + 1; index < lines.length; index++) {
    const first = /^\s{1,4}\d+\) (.+)$/.exec(lines[index] ?? '')?.[1];
    if (first === undefined) continue;
    const parts = [first];
    while (!parts.at(-1)?.endsWith(':') && index + 1 < lines.length && lines[index + 1]?.trim()) {
      parts.push(lines[++index]?.trim() ?? '');
    }
    const body = until(lines, index + 1, /^\s{1,4}\d+\) |^\s+at /);
    found.push({ name: parts.join(' > ').replace(/:$/, ''), reason: reasonIn(body) });
  }
  return found;
};
