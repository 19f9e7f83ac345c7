import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { factsOf } from '../../../source/loop/review/facts.ts';
import { movedLines } from '../../../source/loop/review/moved.ts';
import { parseDiff } from '../../../source/loop/review/parse.ts';
import type { FleetState } from '../../../source/loop/state.ts';
import { cells, textOf } from '../../../source/pane/present/span.ts';
import { type Diffs, FIRST_REVIEW } from '../../../source/pane/review/look.ts';
import { reviewScreen } from '../../../source/pane/review/screen.ts';
import { step } from '../../../source/pane/step.ts';
import { FIRST_VIEW, type Situation } from '../../../source/pane/view.ts';
import { longDiff } from '../../loop/review/diffs.ts';
import { fleet, NOW } from '../fleet-fixture.ts';
import { pressed, situation } from '../situation.ts';
import { KEY, Stage } from '../stage.ts';
import { DIFFS, green, reviewFleet } from './review-fixture.ts';

process.env.TZ = 'UTC';

const here = (text: string): Diffs[string] => {
  const diff = parseDiff(text);
  return { of: 'x', is: 'here', diff, moved: movedLines(diff) };
};

const at = (state: FleetState, diffs: Diffs, changes: Partial<Situation> = {}): Situation =>
  situation(state, { diffs, view: { ...FIRST_VIEW, screen: 'review' }, ...changes });

const diffOf = (run: string): string => DIFFS[run] ?? '';
const press = (from: Situation, ...keys: string[]): Situation => pressed(from, ...keys).at;
const screenOf = ({ fleet: state, diffs, view }: Situation, columns = 120, rows = 38): string =>
  reviewScreen(state, { ...view.review, diffs, now: NOW }, columns, rows)
    .map((row) => textOf(row).trimEnd())
    .join('\n');

const WAITING = { 'ci-fix-20': here(DIFFS['ci-fix-20'] ?? ''), 'docs-2': here(DIFFS['docs-2'] ?? '') };

test('the riskiest run comes first, with why it is believed done and why it is a risk; what has landed unread comes last', () => {
  const shown = screenOf(at(reviewFleet(), WAITING));
  assert.match(shown, /▶ ci-fix-20\s+84\s+12 +42m │[\s\S]* docs-2\s+4\s+2 +42m │[\s\S]* queue-4\s+✓ +1,240 5h00 │/);
  assert.match(shown, /types ✓ 1s {2}lint ✓ 2s {2}unit ✓ 3s/);
  assert.match(shown, /risk 84 high {2}src\/auth\/session\.ts is about sign-in and permissions/);
  assert.match(shown, /no checker {2}2 passes {2}opus ▲1 {2}\$0\.61 exact/);
  assert.match(shown, /4 files \+10 −8 {2}1 line generated or locked, not owed/);
  assert.match(shown, /unread 1,240 lines ≈ 3h06 landed {2}to review 14 lines ≈ 3m .*time on screen is a proxy/);
});

test('a line says by its sign what became of it, also that it was moved and where', () => {
  const shown = screenOf(at(reviewFleet(), WAITING));
  assert.match(shown, / 3 - {3}readonly limit = 30 \* MINUTE;/);
  assert.match(shown, / 3 \+ {3}readonly limit = 8 \* HOUR; \/\/ as support asked/);
  assert.match(shown, / 41 -< {2}if \(next === token\) \{ {3}moved to src\/auth\/random\.ts:2/);
  const marked = reviewScreen(reviewFleet(), { ...FIRST_REVIEW, diffs: WAITING, now: NOW }, 120, 38)
    .flat()
    .filter(({ look }) => look === 'new-word')
    .map(({ text }) => text.trim())
    .filter((text) => text !== '');
  assert.deepEqual(marked.slice(0, 4), ['8', 'HOUR', '// as support asked', '=']);
});

test('] and [ go from hunk to hunk, } and { from file to file, enter folds the file that the cursor is in', () => {
  const start = at(reviewFleet(), WAITING);
  const rowOf = (situation: Situation) =>
    screenOf(situation)
      .split('\n')
      .find((row) => row.includes('│▶')) ?? '';
  assert.match(rowOf(press(start, ']')), /▶ {2}@@ 1/);
  assert.match(rowOf(press(start, ']', ']')), /▶ {2}@@ 41/);
  assert.match(rowOf(press(start, ']', ']', '[')), /▶ {2}@@ 1 /);
  assert.match(rowOf(press(start, '}')), /▶▾ test\/auth\/session\.test\.ts/);
  assert.match(rowOf(press(start, '}', '}', '{')), /▶▾ test\/auth\/session\.test\.ts/);
  const folded = press(start, ']', 'down', 'enter');
  assert.match(rowOf(folded), /▶▸ src\/auth\/session\.ts/);
  assert.doesNotMatch(screenOf(folded), /readonly limit/);
  assert.match(screenOf(press(folded, 'enter')), /readonly limit/);
});

test('space says that a hunk is read and goes on to the next that is not; a lock file is passed over', () => {
  const state = reviewFleet();
  const read = step(press(at(state, WAITING), ']'), { key: 'space' });
  const ids = factsOf(parseDiff(DIFFS['ci-fix-20'] ?? '')).hunks.map(({ id }) => id);
  assert.deepEqual(read.intents, [
    { do: 'report', command: { do: 'read', run: 'ci-fix-20', hunks: [{ id: ids[0], how: 'read' }] } },
  ]);
  const marks = Object.fromEntries(
    ids.slice(0, 3).map((id) => [id, { how: 'read' as const, noted: false, run: 'ci-fix-20' as never }]),
  );
  const later = at({ ...state, reading: { ...state.reading, marks } }, WAITING);
  const last = press(later, ']', 'space');
  assert.match(
    screenOf(last)
      .split('\n')
      .find((row) => row.includes('│▶')) ?? '',
    /@@ 1/,
  );
  assert.match(screenOf(last), /▶ {2}@@ 1\s+unread\n.*export function check/);
  assert.match(screenOf(later), /✓ read/);
});

test('the view as a person uses it: 3, a comment that stays with its line, the evidence in full', async () => {
  await using stage = new Stage(reviewFleet(), { diffOf });
  await stage.type('3');
  await stage.shows('risk 84 high', 'readonly limit = 30', 'space read');
  await stage.type(']', 'j', 'j', 'j', 'c');
  await stage.shows('src/auth/session.ts:3', 'readonly limit = 30', 'enter keep');
  await stage.type(...'no: thirty', KEY.enter);
  await stage.shows('» no: thirty');
  await stage.type('o');
  await stage.shows('Evidence for ci-fix-20', 'eight hours is longer', 'A rule of thumb');
  await stage.type(KEY.esc, KEY.tab);
  await stage.shows('docs/guide.md', 'Use the flag `--all`.');
  await stage.type(' ');
  const [command] = await stage.sent();
  assert.equal(command?.do, 'read');
});

test('v on a run opens its diff, also before it is green; a comment is only for work that can go back', async () => {
  await using stage = new Stage(reviewFleet(), { diffOf: () => DIFFS['docs-2'] ?? '' });
  await stage.shows('ci-fix-12');
  await stage.type('v');
  await stage.shows('ci-fix-12', 'docs/guide.md', 'not committed yet');
  await stage.type(']', 'j', 'c');
  await stage.shows('nothing would carry a comment to it');
  await stage.type(' ');
  await stage.shows('nothing can be marked as read');
});

test('every size is filled exactly, whatever stands in the diff', () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u009b5n\u202etxt.exe\u0000\tend\u0301\u200d👍🏽 漢字';
  const text = [
    `diff --git "a/${'\\033[2J'}x.ts" "b/${'\\033[2J'}x.ts"`,
    '--- a/x.ts',
    '+++ b/x.ts',
    `@@ -1,3 +1,4 @@ ${evil}`,
    ` ${evil}`,
    `-const a = "${evil}";`,
    `+const b = "${evil}${'w'.repeat(9000)}";`,
    `+${evil}`,
    ' ',
  ].join('\n');
  const state = reviewFleet();
  const hostile = fleet(
    [
      ...Object.values(state.runs),
      green('evil', 1, text, {
        findings: [{ id: 'f1', where: evil, what: evil, kind: 'fixable' }],
        branch: evil,
        model: evil,
      }),
    ],
    { reading: state.reading },
  );
  const diffs = { ...WAITING, 'evil-1': here(text) };
  fc.assert(
    fc.property(
      fc.integer({ min: 30, max: 220 }),
      fc.integer({ min: 2, max: 60 }),
      fc.constantFrom('ci-fix-20', 'evil-1', 'docs-2', 'queue-4', 'gone', null),
      fc.nat(40),
      fc.nat(3),
      (columns, rows, run, cursor, sideways) => {
        const review = { ...FIRST_REVIEW, run, at: cursor, left: sideways * 16 };
        const comments = [{ run: 'evil-1', path: '\u001b[2Jx.ts', line: 2, removed: false, quote: evil, text: evil }];
        const screen = reviewScreen(hostile, { ...review, comments, diffs, now: NOW }, columns, rows);
        assert.equal(screen.length, rows);
        for (const row of screen)
          assert.equal(
            row.reduce((sum, { text: part }) => sum + cells(part), 0),
            columns,
          );
        assert.doesNotMatch(screen.map(textOf).join(''), /[\u0000-\u001f\u0080-\u009f\u202a-\u202e]/);
      },
    ),
    { numRuns: 150 },
  );
});

for (const lines of [5000, 50_000]) {
  test(`a key on a diff of ${lines} lines is answered within a frame of 16 ms`, () => {
    const text = longDiff(lines);
    const state = fleet([green('long', 1, text)]);
    const begun = performance.now();
    const diffs = { 'long-1': here(text) };
    const loaded = performance.now() - begun;
    let situation = at(state, diffs);
    const took: number[] = [];
    const keys = [
      'down',
      ']',
      'page-down',
      'G',
      'pageup',
      '[',
      'space',
      'k',
      'g',
      'pagedown',
      '}',
      'enter',
      'enter',
      'right',
      'left',
    ];
    for (let round = 0; round < 20; round++)
      for (const key of keys) {
        const from = process.cpuUsage();
        situation = { ...situation, view: step(situation, { key }).view };
        const screen = reviewScreen(state, { ...situation.view.review, diffs, now: NOW }, 120, 38);
        // The time of this process alone: the machine may be busy with others.
        const { user, system } = process.cpuUsage(from);
        took.push((user + system) / 1000);
        assert.equal(screen.length, 38);
      }
    took.sort((a, b) => a - b);
    const median = took[took.length >> 1] ?? 0;
    console.log(
      `${lines} lines: read in ${loaded.toFixed(0)} ms, key median ${median.toFixed(2)} ms, longest ${took.at(-1)?.toFixed(1)} ms`,
    );
    assert.ok(median < 16, `median ${median} ms`);
  });
}
