import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TraceLine } from '../../../source/loop/state.ts';
import { footerLine } from '../../../source/pane/footer.ts';
import { loopRows } from '../../../source/pane/present/loop.ts';
import { type Look, line, span, textOf } from '../../../source/pane/present/span.ts';
import { marked, matchingRows, windowAround } from '../../../source/pane/search/search.ts';
import { bodySize, currentRun, loopLook, type Situation } from '../../../source/pane/view.ts';
import { fleet, NOW, run } from '../fleet-fixture.ts';
import { pressed, situation } from '../situation.ts';

const long: TraceLine[] = Array.from({ length: 120 }, (_, at) => ({
  at: NOW,
  pass: 1,
  kind: at % 10 === 0 ? 'fail' : 'thought',
  text: at % 10 === 0 ? `Retry ${at} failed` : `thought ${at}`,
}));
const hidden: TraceLine = {
  at: NOW,
  pass: 1,
  kind: 'ok',
  text: `${Array.from({ length: 30 }, (_, at) => `row ${at}`).join('\n')}\na needle at the end`,
};

const press = (from: Situation, ...keys: string[]): Situation => pressed(from, ...keys).at;
const opened = (trace = long) => press(situation(fleet([run('a', 1, { trace })])), 'enter');

function rowsOf(at: Situation) {
  const one = currentRun(at);
  assert.ok(one !== null);
  const { columns, rows } = bodySize(at);
  return loopRows(at.fleet, one, loopLook(at), columns, rows);
}
const looks = (at: Situation, look: Look) =>
  rowsOf(at).flatMap((row) => row.filter((each) => each.look === look).map(({ text }) => text));

test('/ in a run searches its trace, goes to the newest place while it is typed, and marks all that is seen', () => {
  const at = press(opened(), '/', ...'retry');
  assert.equal(at.view.filter, '');
  assert.deepEqual(looks(at, 'match'), ['Retry']);
  assert.match(rowsOf(at).map(textOf).join('\n'), /Retry 110 failed/);
  assert.ok(looks(at, 'found').length >= 1);
  assert.match(textOf(footerLine(at)), /^ \/ retry.* 12 of 12/);
});

test('ctrl-p and ctrl-n go through the places round and round, arrows do while it is typed, Esc ends it', () => {
  const kept = press(opened(), '/', ...'retry', 'enter');
  assert.match(textOf(footerLine(kept)), /\/ retry {2}12 of 12/);
  const shown = (at: Situation) =>
    rowsOf(at)
      .find((row) => row.some(({ look }) => look === 'match'))
      ?.map(({ text }) => text)
      .join('');
  assert.match(shown(press(kept, 'ctrl-p')) ?? '', /Retry 100 failed/);
  assert.match(shown(press(kept, 'ctrl-p', 'ctrl-p', 'ctrl-n')) ?? '', /Retry 100 failed/);
  assert.match(shown(press(kept, 'ctrl-n')) ?? '', /Retry 0 failed/);
  assert.match(shown(press(opened(), '/', ...'retry', 'up', 'up', 'down')) ?? '', /Retry 100 failed/);
  const ended = press(kept, 'esc');
  assert.deepEqual([ended.view.search, ended.view.screen], [null, 'loop']);
  assert.equal(press(ended, 'esc').view.screen, 'fleet');
  assert.equal(press(opened(), '/', ...'retry', 'esc').view.search, null);
});

test('without a search the keys say how one begins', () => {
  assert.match(press(opened(), 'ctrl-n').view.toast?.text ?? '', /Nothing is searched for: \/ begins/);
});

test('what a long observation hides is found, for nothing is cut while it is searched', () => {
  const at = press(opened([hidden]), '/', ...'needle');
  assert.deepEqual(looks(at, 'match'), ['needle']);
  assert.doesNotMatch(
    rowsOf(opened([hidden]))
      .map(textOf)
      .join('\n'),
    /needle/,
  );
});

test('capitals count once one is written, and signs are only signs', () => {
  const rows = [line('a Retry'), line('a retry'), line('f(x) + [1]')];
  assert.deepEqual(matchingRows(rows, 'retry'), [0, 1]);
  assert.deepEqual(matchingRows(rows, 'Retry'), [0]);
  assert.deepEqual(matchingRows(rows, 'f(x) + ['), [2]);
  assert.deepEqual(matchingRows(rows, ' '), []);
  assert.match(textOf(footerLine(press(opened(), '/', ...'zebra'))), /not found/);
});

test('a search goes along to the other tabs', () => {
  const at = press(opened(), '/', ...'npm', 'enter', 'right');
  assert.equal(at.view.tab, 'gates');
  assert.match(textOf(footerLine(at)), /\/ npm {2}3 found/);
  assert.deepEqual(looks(press(at, 'ctrl-n'), 'match'), ['npm']);
});

test('marks change no text, also where a place spans pieces and where it is empty', () => {
  const piece = fc.record({
    text: fc.string({ unit: 'grapheme', maxLength: 8 }),
    look: fc.constantFrom<Look>('plain', 'bad'),
  });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.string({ unit: 'grapheme', maxLength: 3 }), (row, text) => {
      const shown = marked(row, text, 'match');
      assert.equal(textOf(shown), textOf(row));
    }),
  );
  assert.deepEqual(marked([span('ab', 'bad'), span('cd')], 'bc', 'match'), [
    span('a', 'bad'),
    span('b', 'match'),
    span('c', 'match'),
    span('d'),
  ]);
});

test('the window keeps within the text', () => {
  assert.equal(windowAround(0, 100, 10), 0);
  assert.equal(windowAround(50, 100, 10), 45);
  assert.equal(windowAround(99, 100, 10), 90);
  assert.equal(windowAround(3, 5, 10), 0);
});
