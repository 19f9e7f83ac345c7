import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cells, textOf } from '../../../source/pane/present/span.ts';
import { textRows } from '../../../source/pane/present/text-tab.ts';
import { linesOf, type TextSlot } from '../../../source/pane/texts/slot.ts';
import type { RunText } from '../../../source/pane/texts/texts.ts';
import { fleet, nineRuns, pass, run } from '../fleet-fixture.ts';
import { KEY, Stage } from '../stage.ts';

const here = (text: string): TextSlot => ({ version: '1', at: 0, is: 'here', lines: linesOf(text, 'looptop diff x') });

/** Tab by tab to the right, from the trace. */
const to = (tabs: number) => Array.from({ length: tabs }, () => KEY.right);

test('each tab asks for its own text, and shows it when it comes', async () => {
  const asked: RunText[] = [];
  await using stage = new Stage(fleet(nineRuns()), {
    texts: async (text) => {
      asked.push(text);
      if (text.what === 'prompt') return `# Goal\nMake it green in pass ${text.pass}.`;
      if (text.what === 'diff') return 'diff --git a/x b/x\n@@ -1 +1 @@\n-old\n+new\n';
      return text.what === 'events' ? '14:03:07 gate-ended gate="unit"' : 'Changed since 0123456: nothing';
    },
  });
  await stage.shows('ci-fix-12');
  await stage.type(KEY.enter, ...to(3));
  await stage.shows('[prompt]', 'Make it green in pass 3.');
  await stage.type(KEY.up);
  await stage.shows('Make it green in pass 2.');
  await stage.type(...to(2));
  await stage.shows('[diff]', '-old', '+new');
  await stage.type(KEY.right);
  await stage.shows('[events]', '14:03:07 gate-ended gate="unit"');
  await stage.type(KEY.right);
  await stage.shows('[files]', 'Changed since 0123456: nothing');
  assert.deepEqual(
    asked.map(({ what, run: id, pass: n }) => `${what} ${id} ${n}`),
    ['prompt ci-fix-12 3', 'prompt ci-fix-12 2', 'diff ci-fix-12 0', 'events ci-fix-12 0', 'files ci-fix-12 0'],
  );
});

test('a text that takes its time keeps no key waiting, and one that fails says why', async () => {
  const slow = Promise.withResolvers<string>();
  await using stage = new Stage(fleet([run('a', 1)]), {
    texts: async ({ what }) => {
      if (what === 'prompt') return slow.promise;
      throw new Error('the worktree is gone');
    },
  });
  await stage.shows('a-1');
  await stage.type(KEY.enter, ...to(3));
  await stage.shows('[prompt]', 'Reading …');
  await stage.type(...to(2));
  await stage.shows('[diff]', 'the worktree is gone');
  await stage.type(KEY.left, KEY.left);
  await stage.shows('Reading …');
  slow.resolve('here it is');
  await stage.shows('here it is');
});

test('while the run works its text is read anew, at most every two seconds, and stays on the screen meanwhile', async () => {
  let reads = 0;
  const one = run('a', 1);
  await using stage = new Stage(fleet([one]), {
    texts: async ({ what }) => (what === 'diff' ? `version ${++reads}` : ''),
  });
  await stage.shows('a-1');
  await stage.type(KEY.enter, ...to(5));
  await stage.shows('version 1');
  for (let n = 1; n <= 5; n++) {
    stage.change(fleet([{ ...one, lastEventAt: one.lastEventAt + n }]));
    await sleep(30);
  }
  assert.equal(reads, 1);
  stage.now += 2500;
  stage.change(fleet([{ ...one, lastEventAt: one.lastEventAt + 9 }]));
  await stage.shows('version 2');
});

test('the signs of a diff bear its meaning, and nothing in it can steer the terminal', () => {
  const rows = textRows(here('diff --git a/x b/x\n@@ -1 +1 @@\n-o\u001b[31mld\n+n\u202eew\n same'), 'diff', 40);
  assert.deepEqual(
    rows.map((row) => [textOf(row), row[0]?.look]),
    [
      ['diff --git a/x b/x', 'strong'],
      ['@@ -1 +1 @@', 'busy'],
      ['-o␛[31mld', 'bad'],
      ['+n\ufffdew', 'good'],
      [' same', 'plain'],
    ],
  );
});

test('a long text is cut and says where the rest is; an empty one says so', () => {
  const lines = linesOf('x\n'.repeat(6000), 'looptop diff x');
  assert.equal(lines.length, 5002);
  assert.equal(lines.at(-1), '… it goes on: looptop diff x');
  assert.equal(textOf(textRows(here(''), 'diff', 40)[0] ?? []), 'It has changed nothing.');
  for (const row of textRows(here('日本語'.repeat(40)), 'prompt', 33)) assert.ok(cells(textOf(row)) <= 33);
});

test('an event’s fields hang behind its time', () => {
  const rows = textRows(here(`14:03:07 usage ${'x'.repeat(60)}`), 'events', 40).map(textOf);
  assert.match(rows[0] ?? '', /^14:03:07 usage/);
  assert.match(rows[1] ?? '', /^ {9}x+$/);
});

test('of a run without a pass there is no prompt yet', async () => {
  const one = run('a', 1, { passes: [], pass: 0 });
  await using stage = new Stage(fleet([one, run('b', 1, { passes: [pass(1, '...')] })]));
  await stage.shows('a-1');
  await stage.type(KEY.enter, ...to(3));
  await stage.shows('No prompt was written for this pass yet.');
});
