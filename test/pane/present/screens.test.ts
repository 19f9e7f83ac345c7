import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FleetState } from '../../../source/loop/state.ts';
import { USUAL } from '../../../source/pane/keys/operator.ts';
import { order } from '../../../source/pane/order.ts';
import { fleetRows } from '../../../source/pane/present/fleet.ts';
import { fleetLayout, neighbour } from '../../../source/pane/present/layout.ts';
import { loopRows } from '../../../source/pane/present/loop.ts';
import { TABS } from '../../../source/pane/present/loop-tabs.ts';
import { cells, type Line, textOf } from '../../../source/pane/present/span.ts';
import { beating, fleet, gate, loopState, MINUTE, NOW, nineRuns, pass, run, trace } from '../fleet-fixture.ts';

process.env.TZ = 'UTC';

const EVIL = '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u001b[0m\u009b5n\n\u202etxt.exe\u0000';

const nine = fleet(nineRuns());
const show = (state: FleetState, columns: number, rows: number, cursor: string | null = null, filter = ''): Line[] =>
  fleetRows(
    state,
    { ordered: order(Object.values(state.runs), filter), cursor, picked: new Set(), now: NOW, filter, legend: USUAL },
    columns,
    rows,
  );
const text = (rows: readonly Line[]) => rows.map((row) => textOf(row).trimEnd());

test('two panes abreast at 120 columns, what needs you first, what is finished below', () => {
  const rows = text(show(nine, 120, 34, 'burn-3'));
  assert.deepEqual(rows.slice(0, 10), [
    '╭ ◆ ci-fix-12 rule? ────────────────── pass 3/8 · sonnet ─╮ ┏ ◆ burn-3 paused: budget ━━━━━━━━━━━━━ pass 4/8 · sonnet ━┓',
    '│ ███████░░░░░░░░░░░░░  212k / 600k   $1.84   18m         │ ┃ ████████████████████  400k / 400k 100%   $3.90   31m     ┃',
    '│ types ✓✓✓  lint ✗✓✓  unit ✗✗·                           │ ┃ types ✗✓✓·  lint ✗✗✗·  unit ✗✗✗·                         ┃',
    '│ ◇ The retry test still uses real timers.                │ ┃ stopped at its cap, 400k of 400k tokens, gates still red ┃',
    '│ ▸ Edit packages/queue/retry.test.ts                     │ ┃ + raise · e escalate · x end                             ┃',
    '│   +4 -2                                                 │ ┃                                                          ┃',
    '│ ▸ Bash npm test -w packages/queue                       │ ┃                                                          ┃',
    '│ ✗ expected 3 calls, saw 2                               │ ┃                                                          ┃',
    '│ » the clock is injected in test/setup.ts                │ ┃                                                          ┃',
    '╰─────────────────────────────────────────────────────────╯ ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛',
  ]);
  assert.deepEqual(rows.slice(-3), [
    '  ✓ docs-2           review 2s ago  green, ready to read: 9f8e7d6 on looptop/docs-2',
    '  ✗ spiral-1         failed: agent 25m ago  exited 1: invalid API key',
    '  ✓ ci-fix-11        landed 40m ago',
  ]);
});

test('a list at 80 columns, with the current run below', () => {
  const rows = text(show(nine, 80, 19, 'refactor-7'));
  assert.deepEqual(rows.slice(0, 7), [
    '    LOOP               STATE            PASS      TOKENS       USD  GATES',
    '  ◆ ci-fix-12          rule?             3/8   212k/600k      1.84  ✓✓·',
    '  ◆ burn-3             paused: budget    4/8   400k/400k      3.90  ···',
    '  ◆ docs-9             asks you          1/8    18k/600k  unpriced  ···',
    '  ○ queue-1            queued            0/8      0/600k      0.00  ···',
    '  ◐ visual-4           gates             5/8   330k/400k      3.10  ✓✓◐',
    '▶ ‖ refactor-7         frozen            1/4    21k/150k      0.40  ···',
  ]);
  assert.match(rows.join('\n'), /╭ ‖ refactor-7 frozen ─+ pass 1\/4 · opus ▲1 ─╮/);
});

test('three-line panes when there are more, a list with pages when there are many', () => {
  assert.match(text(show(nine, 100, 14)).join('\n'), /◆ ci-fix-12 rule\? .*\n.*212k \/ 600k/);
  const many = fleet(Array.from({ length: 60 }, (_, at) => run('swarm', at + 1)));
  const first = text(show(many, 120, 20, 'swarm-1')).join('\n');
  assert.match(first, /LOOP +STATE/);
  assert.match(first, /42 more, \/ filters/);
  assert.match(text(show(many, 120, 20, 'swarm-60')).join('\n'), /▶ ● swarm-60/);
});

test('an empty fleet says what to do next', () => {
  assert.match(text(show(fleet([]), 80, 12)).join('\n'), /Nothing runs\.[\s\S]*s starts a loop[\s\S]*ci-fix/);
  assert.match(text(show(fleet([], { loops: {} }), 80, 12)).join('\n'), /looptop init/);
  assert.match(text(show(nine, 80, 12, null, 'zebra')).join('\n'), /No run matches "zebra"[\s\S]*esc/);
});

test('a screen is exactly as large as it was asked to be, whatever the size', () => {
  const hostile = fleet([
    ...nineRuns(),
    run('wide', 1, {
      model: `日本語モデル${EVIL}`,
      item: { title: EVIL },
      trace: trace(1, `?${EVIL}日本語🚀 tab\there\r\nnext`, `x${EVIL}`),
      passes: [pass(1, '+xx', { why: EVIL, gates: [gate('types', 'red', { summary: EVIL, tail: EVIL })] })],
      draft: { text: EVIL, scope: EVIL, gate: EVIL, fingerprint: 'f', pass: 1 },
      notes: [{ id: 'n', text: EVIL, by: EVIL, at: NOW, state: 'waiting' }],
      status: { tag: 'open', phase: 'making', hold: { kind: 'waiting', ask: 'q', question: EVIL, since: NOW } },
    }),
  ]);
  const size = { columns: fc.integer({ min: 1, max: 240 }), rows: fc.integer({ min: 1, max: 70 }) };
  const sized = (rows: readonly Line[], columns: number, height: number) => {
    assert.equal(rows.length, height);
    for (const row of rows) {
      assert.equal(cells(textOf(row)), columns, textOf(row));
      assert.doesNotMatch(textOf(row), /\p{Cc}|\u202e/u);
    }
  };
  fc.assert(
    fc.property(size.columns, size.rows, fc.constantFrom(...Object.keys(hostile.runs)), (columns, rows, cursor) => {
      sized(show(hostile, columns, rows, cursor), columns, rows);
      for (const tab of TABS) {
        const one = hostile.runs[cursor];
        assert.ok(one !== undefined);
        sized(
          loopRows(
            hostile,
            one,
            { tab, pass: null, scroll: 3, now: NOW, legend: USUAL, text: null, search: null },
            columns,
            rows,
          ),
          columns,
          rows,
        );
      }
    }),
    { numRuns: 40 },
  );
});

test('places never overlap, never leave the screen, and hold the run under the cursor', () => {
  const ids = (count: number, prefix: string) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
  const count = fc.integer({ min: 0, max: 40 });
  fc.assert(
    fc.property(
      count,
      count,
      fc.integer({ min: 30, max: 240 }),
      fc.integer({ min: 4, max: 70 }),
      fc.nat(),
      (l, d, columns, rows, at) => {
        const all = [...ids(l, 'l'), ...ids(d, 'd')];
        const cursor = all.length === 0 ? null : (all[at % all.length] ?? null);
        const layout = fleetLayout(ids(l, 'l'), ids(d, 'd'), cursor, columns, rows);
        const taken = new Set<string>();
        for (const { x, y, width, height } of layout.places) {
          assert.ok(x >= 0 && y >= 0 && x + width <= columns && y + height <= rows);
          for (let row = y; row < y + height; row++)
            for (let column = x; column < x + width; column++) {
              const cell = `${column},${row}`;
              assert.ok(!taken.has(cell), `two places on ${cell}`);
              taken.add(cell);
            }
        }
        if (cursor !== null) assert.ok(layout.places.some(({ id }) => id === cursor));
        assert.equal(layout.hidden, all.length - layout.places.length);
      },
    ),
    { numRuns: 80 },
  );
});

test('arrows lead to the pane that lies there, and reach every run', () => {
  const live = ['a', 'b', 'c', 'd', 'e'];
  const done = ['x', 'y'];
  const go = (from: string, direction: 'up' | 'down' | 'left' | 'right') =>
    neighbour(fleetLayout(live, done, from, 120, 40), [...live, ...done], from, direction);
  assert.equal(go('a', 'right'), 'b');
  assert.equal(go('a', 'down'), 'c');
  assert.equal(go('d', 'up'), 'b');
  assert.equal(go('b', 'right'), 'b');
  assert.equal(go('e', 'down'), 'x');
  assert.equal(go('y', 'up'), 'x');
  const many = Array.from({ length: 50 }, (_, at) => `r${at}`);
  let at: string | null = 'r0';
  for (let presses = 0; presses < 49; presses++) at = neighbour(fleetLayout(many, [], at, 80, 20), many, at, 'down');
  assert.equal(at, 'r49');
});

test('the Loop view has the passes left, the trace right, and the meter with its limits', () => {
  const one = nine.runs['ci-fix-12'];
  assert.ok(one !== undefined);
  const rows = text(
    loopRows(
      nine,
      one,
      { tab: 'trace', pass: null, scroll: 0, now: NOW, legend: USUAL, text: null, search: null },
      140,
      16,
    ),
  );
  assert.match(
    rows[0] ?? '',
    /^ ci-fix-12 {2}◆ rule\? {3}pass 3\/8 {3}claude sonnet +██████░+ 212,410 \/ 600,000 fresh {3}\$1\.84 \/ 6\.00 {3}18m \/ 45m {3}exact$/,
  );
  assert.match(rows.join('\n'), /1 +sonnet +80k +✓✗✗ +unit: expected 3 calls, saw 2 +│ ◇ The retry test fails/);
  assert.match(rows.join('\n'), /▶ 3 +sonnet +52k +✓✓· +running/);
});

test('each tab shows what it is named after', () => {
  const one = nine.runs['ci-fix-12'];
  assert.ok(one !== undefined);
  const tab = (name: (typeof TABS)[number], pass: number | null = null) =>
    text(
      loopRows(nine, one, { tab: name, pass, scroll: 0, now: NOW, legend: USUAL, text: null, search: null }, 120, 30),
    ).join('\n');
  assert.match(tab('gates', 2), /✗ unit {2}red.*exit 1[\s\S]*\$ npm run unit[\s\S]*retries three times/);
  assert.match(tab('rules'), /Drafted, waiting for you[\s\S]*r002 {2}Use fake timers/);
  assert.match(tab('goal'), /`npm test` exits 0[\s\S]*worktrees\/shop-1a2b\/ci-fix-12/);
});

test('loops that start by themselves stand below the runs, with when or why not, and never with text of others', () => {
  const { loops, beats } = beating('triage', 12 * MINUTE);
  const off = loopState('off', { trusted: false, definition: loops.triage?.definition ?? null });
  const evil = { ...loops.triage, name: `evil${EVIL}` };
  const trusted = beats.triage;
  assert.ok(trusted);
  const state = fleet([run('ci-fix', 12)], {
    loops: { ...loops, off, [evil.name]: { ...loopState(evil.name), definition: loops.triage?.definition ?? null } },
    beats: { ...beats, [evil.name]: { ...trusted, trouble: EVIL } },
  });
  const rows = text(show(state, 110, 24));
  assert.ok(rows.includes('  ○ triage           next in 12m, every 12m'), rows.join('\n'));
  assert.ok(rows.includes('  ‖ off              off: not trusted: looptop trust'), rows.join('\n'));
  assert.doesNotMatch(rows.join('\n'), /[\u001b\u0007\u009b\u202e]/);
  const idle = text(show({ ...state, runs: {} }, 110, 24)).join('\n');
  assert.match(idle, /triage +next in 12m, every 12m/);
});
