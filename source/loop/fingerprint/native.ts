/** Test runners of other languages: pytest, go test, cargo test. */

import type { Recogniser } from './failure.ts';
import { reasonIn, until } from './reason.ts';

/** `FAILED file::test - reason`; with `-rN` only the headings `____ test ____` with their `E   ` lines. */
export const pytest: Recogniser = (lines) => {
  const summary = lines.flatMap((line) => {
    const [, name, reason] = /^(?:FAILED|ERROR) (\S+(?:::\S.*?|\.py))(?: - (.*))?$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, reason: reason ?? '' }];
  });
  if (summary.length > 0 || !lines.some((line) => /^E {3}/.test(line))) return summary;
  return lines.flatMap((line, index) => {
    const name = /^_{3,} (\S.*?) _{3,}$/.exec(line)?.[1];
    if (name === undefined) return [];
    const body = until(lines, index + 1, /^_{3,} |^=+ /);
    const error = body.find((said) => /^E {3}/.test(said));
    return [{ name, reason: error?.slice(1).trim() ?? '' }];
  });
};

/** `--- FAIL: TestAdd (0.00s)`, with `    file.go:12: what` below it or, with -v, above; `FAIL    package [build failed]`. */
export const go: Recogniser = (lines) => {
  const found = lines.flatMap((line, index) => {
    const test = /^\s*--- FAIL: (\S+) \(/.exec(line)?.[1];
    if (test !== undefined) {
      const reason = [lines[index + 1], lines[index - 1]].map((near) => GO_SAID.exec(near ?? '')?.[1]).find(Boolean);
      return [{ name: test, reason: reason ?? '' }];
    }
    const [, broken, how] = /^FAIL\s+(\S+) \[(build|setup) failed\]$/.exec(line) ?? [];
    if (broken !== undefined) return [{ name: `${broken} ${how} failed`, reason: '' }];
    const [, file, what] = /^(?:\.\/)?(\S+\.go):\d+(?::\d+)?: (.+)$/.exec(line) ?? [];
    return file === undefined || what === undefined ? [] : [{ name: `${file}: ${what}`, reason: '' }];
  });
  // A test that failed only through a part of it says nothing of its own.
  const parents = new Set(
    found.flatMap(({ name }) => (name.includes('/') ? [name.slice(0, name.lastIndexOf('/'))] : [])),
  );
  return found.filter(({ name }) => !parents.has(name));
};

const GO_SAID = /^\s+\S+\.go:\d+: (.+)$/;

/** `test name ... FAILED`, with the panic in a block `---- name stdout ----` (or `stderr`). */
export const cargo: Recogniser = (lines) => {
  const blocks = new Map(lines.flatMap((line, index) => (line.startsWith('---- ') ? [[line, index] as const] : [])));
  return lines.flatMap((line) => {
    const name = /^test (\S.*?) \.\.\. FAILED$/.exec(line)?.[1];
    if (name === undefined) return [];
    const start = blocks.get(`---- ${name} stdout ----`);
    if (start === undefined) return [{ name, reason: '' }];
    const block = until(lines, start + 1, /^---- |^(?:stack backtrace|note|failures):/);
    const panic = block.findIndex((said) => /panicked at /.test(said));
    // Before Rust 1.73 the words came on the same line, in quotes.
    const quoted = /panicked at '(.*)', /.exec(block[panic] ?? '')?.[1];
    return [{ name, reason: quoted ?? reasonIn(block.slice(panic + 1)) }];
  });
};
