/** Tables for people: aligned by columns of a terminal, not by characters. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, table, widthFor } from '../../source/commands/table.ts';

const HEADS = [{ title: 'RUN' }, { title: 'USD', align: 'right' }, { title: 'NOW' }] as const;

test('columns line up, numbers to the right, and no line ends in blanks', async () => {
  const rows = [
    ['ci-fix-12', '1.84', '● making'],
    ['a', '12.00', ''],
  ];
  assert.deepEqual(await table(HEADS, rows, undefined), [
    'RUN          USD  NOW',
    'ci-fix-12   1.84  ● making',
    'a          12.00',
  ]);
});

test('a wide character takes two columns', async () => {
  const lines = await table(
    HEADS,
    [
      ['日本', '1', 'x'],
      ['abcd', '1', 'x'],
    ],
    undefined,
  );
  assert.equal(lines[1], '日本    1  x');
  assert.equal(lines[2], 'abcd    1  x');
});

test('a line longer than the terminal ends in an ellipsis and never exceeds it', async () => {
  const width = await widthFor(['日本語']);
  assert.equal(cut('日本語', 6, width), '日本語');
  assert.equal(cut('日本語', 5, width), '日本…');
  assert.equal(cut('日本語', 4, width), '日…');
  assert.equal(cut('abcdef', undefined, width), 'abcdef');
});
