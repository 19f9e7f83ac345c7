import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { fingerprint } from '../../source/loop/fingerprint.ts';

const folder = join(import.meta.dirname, '../fixtures/gates');
const recording = (name: string) => readFileSync(join(folder, `${name}.txt`), 'utf8');
const red = (output: string) => fingerprint({ exit: 1, output });

const SUMMARIES: Readonly<Record<string, string>> = {
  'node-spec': 'adds numbers: 2 !== 3 (+2 more)',
  'node-tap': 'adds numbers: 2 !== 3 (+2 more)',
  vitest: "b.test.mjs: Cannot find package 'nope' imported from /home/ada/shop/v/b.test.mjs (+3 more)",
  jest: 'adds numbers: expected 3, saw 2 (+3 more)',
  mocha: 'adds numbers: 2 == 3 (+2 more)',
  pytest: 'test_x.py::test_adds: assert (1 + 1) == 3 (+1 more)',
  'pytest-no-summary': 'test_adds: assert (1 + 1) == 3 (+1 more)',
  go: 'TestAdds: got 2 want 3 (+1 more)',
  'go-build': 'add_test.go: undefined: Add (+1 more)',
  cargo: 'tests::boom: boom (+1 more)',
  rustc: 'src/lib.rs: mismatched types (E0308)',
  tsc: "a.ts: Type 'string' is not assignable to type 'number'. (TS2322) (+1 more)",
  'tsc-pretty': "a.ts: Type 'string' is not assignable to type 'number'. (TS2322) (+1 more)",
  eslint: "a.js: 'x' is assigned a value but never used (no-unused-vars) (+1 more)",
  biome: 'src/a.ts: This let declares a variable that is only assigned once. (lint/style/useConst) (+3 more)',
};

test('every tool\u2019s recorded failure is summed up in one line', () => {
  assert.deepEqual(
    readdirSync(folder)
      .map((name) => name.replace('.txt', ''))
      .sort(),
    Object.keys(SUMMARIES).sort(),
  );
  for (const [name, summary] of Object.entries(SUMMARIES)) assert.equal(red(recording(name)).summary, summary, name);
});

/** The same failure at another time, in another worktree, with and without colours, on a machine with other pids. */
function anotherRun(output: string, seed: number): string {
  const n = (limit: number) => 1 + ((seed * 7919) % limit);
  const text = output
    .replace(/\d+(?:\.\d+)?( ?)(ms|s)\b/g, (_, space, unit) => `${n(900)}.${n(99)}${space}${unit}`)
    .replaceAll('/home/ada/shop', `/tmp/looptop-${n(99_999).toString(36)}/worktrees/shop-ab12cd34ef56/run-${n(50)}`)
    .replace(/\d\d:\d\d:\d\d/g, '23:59:01')
    .replace(/(\.(?:mjs|cjs|js|ts|py|go|rs)):\d+/g, `$1:${n(300)}`)
    .replace(/\(\d{4,}\) panicked/g, `(${n(30_000)}) panicked`)
    .replace(
      /-d4fd4905425e6bfe/g,
      `-${n(2 ** 40)
        .toString(16)
        .padStart(16, '0')}`,
    );
  const plain = seed % 3 === 0 ? text.replace(/\u001b\[[0-9;]*m/g, '') : text;
  return seed % 2 === 0 ? plain.replaceAll('\n', '\r\n') : plain;
}

test('the same failure has the same fingerprint at another time and in another place', () => {
  for (const name of Object.keys(SUMMARIES)) {
    const output = recording(name);
    for (let seed = 1; seed < 12; seed++) {
      assert.equal(red(anotherRun(output, seed)).fingerprint, red(output).fingerprint, `${name} ${seed}`);
    }
  }
});

test('another exit code is another failure', () => {
  const output = recording('cargo');
  assert.notEqual(fingerprint({ exit: 1, output }).fingerprint, fingerprint({ exit: 101, output }).fingerprint);
  assert.notEqual(fingerprint({ exit: null, output }).fingerprint, fingerprint({ exit: 0, output }).fingerprint);
});

/** How each runner reports one failing test that took `ms`, with a message of its own. */
const REPORTS: Readonly<Record<string, (name: string, ms: number) => string>> = {
  spec: (name, ms) => `✖ ${name} (${ms}.5ms)\n  Error: at ${ms}\n`,
  tap: (name, ms) => `not ok ${ms} - ${name}\n  ---\n  duration_ms: ${ms}\n  error: 'after ${ms}'\n  ...\n`,
  pytest: (name, ms) => `FAILED test_a.py::${name} - assert ${ms} == 0\n`,
  go: (name, ms) => `--- FAIL: ${name} (${ms / 1000}s)\n    a_test.go:${ms}: got ${ms}\n`,
  cargo: (name) => `test tests::${name} ... FAILED\n`,
  vitest: (name, ms) => ` FAIL  a.test.ts > ${name}\nError: took ${ms}\n`,
};

const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,12}(_[g-z]{2,8}){0,3}$/), { minLength: 1, maxLength: 6 });

test('order, timing and messages of the failing tests do not matter, which tests fail does', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(REPORTS)), names, fc.nat(5000), fc.nat(5000), (tool, failing, a, b) => {
      const report = REPORTS[tool];
      if (!report) return;
      const once = red(failing.map((name) => report(name, a)).join(''));
      const again = red(
        `some banner ${b}\n${[...failing]
          .reverse()
          .map((name) => report(name, b))
          .join('')}`,
      );
      assert.equal(again.fingerprint, once.fingerprint);
      const other = red([...failing.slice(1), `${failing[0]}_other`].map((name) => report(name, a)).join(''));
      assert.notEqual(other.fingerprint, once.fingerprint);
      const more = red([...failing, 'one_more_test'].map((name) => report(name, a)).join(''));
      assert.notEqual(more.fingerprint, once.fingerprint);
    }),
  );
});

test('fewer errors of the same kind are another failure', () => {
  const line = 'a.ts(1,14): error TS2304: Cannot find name \u2018x\u2019.\n';
  assert.notEqual(red(line.repeat(3)).fingerprint, red(line.repeat(2)).fingerprint);
});

test('output of no known tool is judged by the lines that speak of an error', () => {
  const first = red('starting at 12:00:01\nError: connect ECONNREFUSED 127.0.0.1:54321\n    at x (/a/b.js:1:2)\n');
  assert.equal(first.summary, 'Error: connect ECONNREFUSED 127.0.0.1:54321');
  assert.equal(
    red('starting at 13:59:59\nError: connect ECONNREFUSED 127.0.0.1:40100\n').fingerprint,
    first.fingerprint,
  );
  assert.notEqual(red('Error: connect ETIMEDOUT 127.0.0.1:54321\n').fingerprint, first.fingerprint);
  assert.equal(red('expected 3 calls, saw 2\n').summary, 'expected 3 calls, saw 2');
  assert.equal(red('sh: 1: vitest: not found\nnpm error code 127\n').summary, 'sh: 1: vitest: not found');
  assert.equal(red('all is well\nbut the picture differs\n').summary, 'all is well');
  assert.equal(red('').summary, 'exit code 1, without output');
  assert.equal(fingerprint({ exit: null, output: '\n\n' }).summary, 'ended by a signal, without output');
});

test('a todo test, a passing test and a warning are no failures', () => {
  const tap = 'not ok 1 - later # TODO not yet\nok 2 - fine\nnot ok 3 - really\n';
  assert.equal(red(tap).summary, 'really');
  const eslint = '/home/ada/a.js\n  1:1  warning  meh  eqeqeq\n  2:2  error  bad  no-eval\n';
  assert.equal(red(eslint).summary, 'a.js: bad (no-eval)');
});

test('whatever a gate prints, the summary is one short line of text', () => {
  const nasty = fc.oneof(
    fc.array(fc.nat(0x10ffff), { maxLength: 30 }).map((points) => String.fromCodePoint(...points)),
    fc.string(),
    fc.constantFrom(
      '\u001b]0;title\u0007',
      '\u001b[2J',
      '\u202e',
      '\r',
      '\ud800',
      'Error: ',
      '✖ a (1ms)\n',
      'not ok 1 - \u0007\n',
    ),
  );
  fc.assert(
    fc.property(fc.array(nasty, { maxLength: 20 }), fc.option(fc.nat(255)), (parts, exit) => {
      const { fingerprint: hash, summary } = fingerprint({ exit, output: parts.join('') });
      assert.match(hash, /^[0-9a-f]{16}$/);
      assert.ok(summary.length > 0 && Array.from(summary).length <= 100);
      assert.doesNotMatch(summary, /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
    }),
  );
});

test('a megabyte without line ends, and one of line ends, are read quickly', () => {
  const before = process.cpuUsage();
  red('a/b'.repeat(350_000));
  red('✖ '.repeat(500_000));
  red('\n'.repeat(1_000_000));
  red(`${'/x'.repeat(250)}\n`.repeat(2000));
  const { user } = process.cpuUsage(before);
  assert.ok(user < 3_000_000, `${user} µs`);
});
