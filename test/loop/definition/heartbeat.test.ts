import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BY_HAND } from '../../../source/loop/definition/heartbeat.ts';
import { parseLoop } from '../../../source/loop/definition/parse.ts';
import { formatProblem } from '../../../source/loop/definition/problem.ts';
import { LEGAL, loop } from './loops.ts';

const parsed = (...lines: readonly string[]) =>
  parseLoop(loop([...LEGAL.slice(0, 1), ...lines, ...LEGAL.slice(2)]), 'loops/green.md');

function onOf(...lines: readonly string[]) {
  const { definition, problems } = parsed(...lines);
  assert.deepEqual(problems.map(formatProblem), []);
  return definition?.on;
}

test('a text is a trigger by hand or by the clock', () => {
  assert.deepEqual(onOf('on: manual'), BY_HAND);
  assert.deepEqual(onOf('on: every 15m'), { ...BY_HAND, everyMs: 900_000 });
  assert.deepEqual(onOf('on: every 90s'), { ...BY_HAND, everyMs: 90_000 });
});

test('every key of a heartbeat reaches the definition', () => {
  const on = onOf(
    'on:',
    '  every: 2h',
    '  cron: "30 8 * * 1-5"',
    '  timezone: Europe/Berlin',
    '  active: "08:00-12:00,22:00-02:00 fri-mon,wed"',
    '  watch: { paths: ["site/**/*.{html,css}", "!site/out/**"], debounce: 5s }',
    '  event: { run: loops/bin/watch-ci.sh, match: \'"conclusion":"failure"\' }',
    '  after: { loop: triage, outcome: any }',
    '  manual: true',
    '  skip-if: test -f PAUSE',
    '  cooldown: 10m',
    '  jitter: 30s',
    '  catch-up: none',
    '  expires: 30d',
  );
  assert.deepEqual(on, {
    everyMs: 7_200_000,
    cron: '30 8 * * 1-5',
    timezone: 'Europe/Berlin',
    active: {
      text: '08:00-12:00,22:00-02:00 fri-mon,wed',
      hours: [
        { from: 480, to: 720 },
        { from: 1320, to: 120 },
      ],
      days: [0, 1, 3, 5, 6],
    },
    watch: { paths: ['site/**/*.{html,css}', '!site/out/**'], debounceMs: 5000 },
    event: { run: 'loops/bin/watch-ci.sh', match: '"conclusion":"failure"' },
    after: { loop: 'triage', outcome: 'any' },
    skipIf: 'test -f PAUSE',
    cooldownMs: 600_000,
    jitterMs: 30_000,
    catchUp: 'none',
    expiresMs: 30 * 86_400_000,
  });
});

test('how many run at once, for whom it counts, and what a firing does then', () => {
  const { definition } = parsed(
    'on: manual',
    'concurrency: { group: "pr:{{item.number}}", max: 3, when-busy: replace }',
  );
  assert.deepEqual(definition?.concurrency, { max: 3 });
  assert.equal(definition?.group, 'pr:{{item.number}}');
  assert.equal(definition?.whenBusy, 'replace');
});

const MISTAKES: readonly [on: string, said: RegExp][] = [
  ['on: every 0m', /on: found "every 0m", expected/],
  ['on: { every: 500ms }', /on\.every: found "500ms", expected at least 1s/],
  ['on: { every: 1h, active: "8-19" }', /on\.active: found "8-19", expected hours such as 08:00-19:00 mon-fri/],
  ['on: { every: 1h, active: "08:00-08:00" }', /on\.active: .*expected hours/],
  ['on: { every: 1h, active: "08:00-25:00" }', /on\.active: .*expected hours/],
  ['on: { every: 1h, active: "08:00-19:00 mon-fry" }', /on\.active: .*expected hours/],
  ['on: { every: 1h, active: "mon-fri 08:00-19:00" }', /on\.active: .*expected hours/],
  ['on: { event: { run: x, match: "(" } }', /on\.event\.match: found "\(", expected a regular expression/],
  ['on: { watch: { paths: ["../secret/**"] } }', /on\.watch\.paths\[0\]: .*inside the repository/],
  ['on: { watch: { paths: ["!/etc/**"] } }', /on\.watch\.paths\[0\]: .*inside the repository/],
  ['on: { watch: { paths: [] } }', /on\.watch\.paths: .*expected at least 1 entries/],
  ['on: { after: { loop: green } }', /on\.after\.loop: found "green", expected another loop/],
];

for (const [on, said] of MISTAKES) {
  test(`is refused: ${on}`, () => {
    const { problems, definition } = parsed(on);
    assert.equal(definition, null);
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.match(problems.map(formatProblem)[0] ?? '', said);
  });
}
