/** Every screen and every dialog at every size, over a fleet whose every text is hostile: nothing is too long, too many or able to steer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDiff } from '../../../source/loop/review/parse.ts';
import type { FleetState } from '../../../source/loop/state.ts';
import { frameDialog, framed, innerSize } from '../../../source/pane/dialogs/dialog.ts';
import { footerLine } from '../../../source/pane/footer.ts';
import { order } from '../../../source/pane/order.ts';
import { drawPalette } from '../../../source/pane/palette/draw.ts';
import { fleetRows } from '../../../source/pane/present/fleet.ts';
import { headerLine } from '../../../source/pane/present/header.ts';
import { loopRows } from '../../../source/pane/present/loop.ts';
import { TABS } from '../../../source/pane/present/loop-tabs.ts';
import { rulesScreen } from '../../../source/pane/present/rules.ts';
import { cells, fit, type Line, textOf, width } from '../../../source/pane/present/span.ts';
import { spendScreen } from '../../../source/pane/present/spend.ts';
import { triageScreen } from '../../../source/pane/present/triage.ts';
import { reviewScreen } from '../../../source/pane/review/screen.ts';
import { linesOf } from '../../../source/pane/texts/slot.ts';
import { keyOf, wantedText } from '../../../source/pane/texts/texts.ts';
import {
  attentionLines,
  bodySize,
  currentRun,
  filterOf,
  legend,
  loopLook,
  type Situation,
} from '../../../source/pane/view.ts';
import { fleet, gate, loopState, NOW, nineRuns, pass, run, spend, trace } from '../fleet-fixture.ts';
import { pressed, situation } from '../situation.ts';

/** What has broken terminal programs before: escapes, wide, joined, combining, right-to-left, invisible, and far too long. */
const NASTY = [
  '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u001b[0m\u009b5n',
  '日本語のモデル名',
  '👩‍👩‍👧‍👦🏳️‍🌈👍🏽',
  'e\u0301\u0302\u0303 a\u0308 n\u0303',
  'שלום עולם مرحبا',
  '\u202etxt.exe\u2066\u2069',
  'a\u200bb\u200dc\ufeff\u00ad',
  'tab\there\r\nline\u2028next\u0000',
  'x'.repeat(500),
  '',
  '\ud800 alone',
];
const nasty = fc.array(fc.constantFrom(...NASTY), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' '));

function hostile(text: string): FleetState {
  const one = run('wide', 1, {
    model: text,
    branch: text,
    item: { title: text },
    worktree: text,
    commit: text,
    trace: trace(1, `?${text}`, `>${text}`, `x${text}`, `"${text}`, `n${text}`),
    passes: [
      pass(1, '+xx', {
        why: text,
        model: text,
        gates: [gate('types', 'red', { summary: text, tail: text, flags: [text] })],
      }),
    ],
    draft: { text, scope: text, gate: text, fingerprint: 'f', pass: 1 },
    notes: [{ id: 'n', text, by: text, at: NOW, state: 'waiting' }],
    status: { tag: 'open', phase: 'making', hold: { kind: 'waiting', ask: 'q', question: text, since: NOW } },
  });
  const done = run('done', 1, {
    status: { tag: 'open', phase: 'review', hold: null },
    commit: text,
    model: text,
    agent: null,
  });
  const base = fleet([...nineRuns(), one, done], {
    repository: { root: '/', name: text, branch: text },
    loops: { bad: loopState('bad', { name: text, problems: [text] }), good: loopState('good', { name: text }) },
  });
  const minute = { at: NOW, spend: spend(9000, 1), runs: [{ run: one.id, loop: one.loop, fresh: 9000, usd: 1 }] };
  return { ...base, spending: { ...base.spending, minutes: [minute] } };
}

const SCREENS: Readonly<
  Record<Situation['view']['screen'], (at: Situation, columns: number, rows: number) => readonly Line[]>
> = {
  fleet: (at, columns, rows) => {
    const { fleet: state, view, now } = at;
    const ordered = order(Object.values(state.runs), filterOf(view));
    const { cursor, picked } = view;
    return fleetRows(
      state,
      { ordered, cursor, picked, now, filter: filterOf(view), legend: legend(at) },
      columns,
      rows,
    );
  },
  loop: (at, columns, rows) => {
    const one = currentRun(at);
    return one === null ? [] : loopRows(at.fleet, one, loopLook(at), columns, rows);
  },
  triage: ({ fleet: state, view, now }, columns, rows) => triageScreen(state, { hit: view.hit, now }, columns, rows),
  review: ({ fleet: state, view, diffs, now }, columns, rows) =>
    reviewScreen(state, { ...view.review, diffs, now }, columns, rows),
  rules: ({ fleet: state, view, now }, columns, rows) => rulesScreen(state, { rule: view.rule, now }, columns, rows),
  spend: ({ fleet: state, view, now }, columns, rows) =>
    spendScreen(state, { ...view.spend, scroll: view.scroll, now }, columns, rows),
};

function exactly(rows: readonly Line[], columns: number, count: number, what: string): void {
  assert.equal(rows.length, count, what);
  for (const row of rows) safe(row, columns, what);
}

function safe(row: Line, columns: number, what: string): void {
  const text = textOf(row);
  assert.equal(cells(text), columns, `${what}: ${JSON.stringify(text)}`);
  assert.doesNotMatch(text, /[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028]/u, what);
}

const size = { columns: fc.integer({ min: 30, max: 300 }), rows: fc.integer({ min: 10, max: 100 }) };
const WAYS_TO: readonly (readonly string[])[] = [
  [],
  ['2'],
  ['3'],
  ['3', 'o'],
  ['4'],
  ['5'],
  ['enter'],
  ['/', 'x'],
  ['enter', '/', 'r'],
  [':'],
  [':', ...'kill ', 'w'],
  ['?'],
  ['X'],
  ['e'],
  ['r'],
  ['n'],
  ['+'],
  ['s'],
  ['y'],
  ['4', 'i'],
];

test('every screen is exactly as large as the terminal, from 30x10 to 300x100, whatever its texts hold', () => {
  fc.assert(
    fc.property(
      size.columns,
      size.rows,
      nasty,
      fc.constantFrom(...WAYS_TO),
      fc.nat(TABS.length - 1),
      (columns, rows, text, keys, tabs) => {
        const state = hostile(text);
        const first = situation(state, { columns, rows });
        const there = { ...first, view: { ...first.view, cursor: 'wide-1' } };
        const moved = pressed(there, ...keys).at;
        const tab = TABS[tabs] ?? 'trace';
        const one = currentRun(moved);
        const wanted = one === null ? null : wantedText(one, { tab, pass: moved.view.pass });
        const slot = { version: '', at: 0, is: 'here' as const, lines: linesOf(`${text}\n${text}`, 'looptop') };
        const texts = wanted === null ? {} : { [keyOf(wanted.text)]: slot };
        const diff = parseDiff(
          `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-${text}\n+${text} more\n ${text}\n`,
        );
        const diffs = { 'done-1': { of: 'x', is: 'here' as const, diff, moved: new Map() } };
        const at = { ...moved, texts, diffs, view: { ...moved.view, tab } };
        const what = `${at.view.screen} ${tab} ${keys.join('')} ${columns}x${rows}`;
        const body = bodySize(at);
        exactly(SCREENS[at.view.screen](at, body.columns, body.rows), body.columns, body.rows, what);
        safe(headerLine(state, 'reconnecting', NOW, columns), columns, `header of ${what}`);
        safe(footerLine(at), columns, `footer of ${what}`);
        for (const row of attentionLines(at))
          safe(fit(row, Math.max(columns, width(row))), columns, `attention of ${what}`);
        const { palette } = at.view;
        const inner = innerSize(at);
        const dialog = at.view.dialogs.at(-1);
        const frame =
          palette !== null
            ? framed(drawPalette(at, palette, inner.columns, inner.rows), at, true)
            : dialog === undefined
              ? null
              : frameDialog(dialog, at);
        if (frame === null) return;
        assert.ok(
          frame.width <= columns && frame.lines.length <= rows,
          `${what}: ${frame.width}x${frame.lines.length}`,
        );
        for (const row of frame.lines) safe(row, frame.width, `dialog of ${what}`);
      },
    ),
    { numRuns: 120 },
  );
});
