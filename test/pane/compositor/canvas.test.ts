import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { CellCanvas } from '../../../source/pane/compositor/canvas.ts';
import { Cells, type Rect } from '../../../source/pane/compositor/cells.ts';
import { Styles } from '../../../source/pane/compositor/style.ts';
import { graphemes, measure, settledWidth, widthOf } from '../../../source/pane/compositor/width.ts';

const styles = new Styles(16);

function canvasOn(width: number, height: number, box?: Rect, clip?: Rect) {
  const cells = new Cells(width, height);
  const canvas = new CellCanvas(cells, styles, box ?? { x: 0, y: 0, width, height }, clip);
  const rows = () => Array.from({ length: height }, (_, y) => cells.glyphs.slice(y * width, (y + 1) * width).join(''));
  return { cells, canvas, rows };
}

test('text returns the column after it, also when it is cut or not seen at all', () => {
  const { canvas } = canvasOn(10, 2);
  assert.equal(canvas.text(0, 0, 'abc'), 3);
  assert.equal(canvas.text(3, 0, '日本'), 7);
  assert.equal(canvas.text(7, 0, 'abcdef'), 10);
  assert.equal(canvas.text(0, 0, 'abcdef', undefined, 4), 4);
  assert.equal(canvas.text(0, 9, 'abc'), 3);
  assert.equal(canvas.text(12, 0, 'abc'), 12);
});

test('a wide glyph that does not fit is a blank', () => {
  const { canvas, rows } = canvasOn(5, 1);
  canvas.text(0, 0, '.....');
  assert.equal(canvas.text(0, 0, '日日日'), 5);
  assert.deepEqual(rows(), ['日日 ']);
});

test('a wide glyph that is cut on the left is a blank too', () => {
  const { canvas, rows } = canvasOn(5, 1);
  canvas.text(0, 0, '.....');
  assert.equal(canvas.text(-1, 0, '日a'), 2);
  assert.deepEqual(rows(), [' a...']);
});

test('what overwrites half of a wide glyph leaves a blank for the other half', () => {
  const { canvas, rows } = canvasOn(6, 1);
  canvas.text(0, 0, '日本語');
  canvas.text(1, 0, 'ab');
  assert.deepEqual(rows(), [' ab 語']);
  canvas.text(0, 0, '日本語');
  canvas.text(1, 0, '字');
  assert.deepEqual(rows(), [' 字 語']);
});

test('a canvas counts from its own corner and draws in its own box only', () => {
  const { canvas, rows } = canvasOn(8, 4, { x: 2, y: 1, width: 4, height: 2 });
  for (let y = -2; y < 5; y++) canvas.text(-3, y, 'abcdefghijklmnop');
  assert.deepEqual([canvas.width, canvas.height], [4, 2]);
  assert.deepEqual(rows(), ['        ', '  defg  ', '  defg  ', '        ']);
});

test('a box half off the screen shows its half on it', () => {
  const { canvas, rows } = canvasOn(4, 2, { x: -2, y: -1, width: 5, height: 2 });
  canvas.text(0, 0, 'abcde');
  canvas.text(0, 1, 'vwxyz');
  assert.deepEqual(rows(), ['xyz ', '    ']);
});

test('what a parent hides of a box is not drawn', () => {
  const { canvas, rows } = canvasOn(6, 1, { x: 0, y: 0, width: 6, height: 1 }, { x: 2, y: 0, width: 3, height: 1 });
  assert.equal(canvas.text(0, 0, 'a日bc'), 5);
  assert.deepEqual(rows(), ['   bc ']);
});

test('a line is its spans one after the other, up to its bound', () => {
  const { canvas, rows, cells } = canvasOn(10, 1);
  assert.equal(canvas.line(1, 0, [{ text: 'ab', style: { fg: 'red' } }, { text: '日' }, { text: 'cdefgh' }], 7), 7);
  assert.deepEqual(rows(), [' ab日cd   ']);
  assert.equal(cells.styles[1], styles.id({ fg: 'red' }));
  assert.equal(cells.styles[3], 0);
});

test('fill fills a box as far as it lies on the canvas', () => {
  const { canvas, rows } = canvasOn(5, 3);
  canvas.fill({ x: 3, y: 1, width: 9, height: 9 }, '░');
  canvas.fill({ x: -1, y: -1, width: 2, height: 2 }, '日');
  assert.deepEqual(rows(), ['     ', '   ░░', '   ░░']);
});

test('coordinates that are no whole numbers do no harm', () => {
  const { canvas, rows } = canvasOn(5, 1);
  canvas.text(1.6, 0.2, 'ab');
  canvas.text(Number.NaN, 0, 'x');
  assert.deepEqual(rows(), ['xab  ']);
  assert.equal(rows()[0]?.length, 5);
});

test('the same look is the same id, and without colour a colour is no look', () => {
  assert.equal(styles.id({ fg: 'red', bold: true }), styles.id({ bold: true, fg: 'red' }));
  assert.equal(styles.sequence(styles.id({ fg: 'gray', bold: true })), '\x1b[0;1;90m');
  const plain = new Styles(0);
  assert.equal(plain.id({ fg: 'red' }), 0);
  assert.equal(plain.sequence(plain.id({ fg: 'red', inverse: true, underline: true, dim: true })), '\x1b[0;2;4;7m');
});

test('the table of looks does not grow without end', () => {
  const table = new Styles(16);
  for (let i = 0; i < 70_000; i++) table.raw(`38;2;${i >> 8};${i & 255};0`);
  assert.equal(table.raw('38;2;1;2;3;4'), 0);
  assert.equal(table.sequence(table.raw('38;2;0;7;0')), '\x1b[0;38;2;0;7;0m');
});

test('widths are those of a terminal: wide, narrow, joined, none', () => {
  for (const [text, width] of [
    ['', 0],
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👨‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['\u200b\u0301\u202e', 0],
    ['─█✓…', 4],
    ['\u00ad', 0],
    ['é\u00a0ſ', 3],
  ] as const) {
    assert.equal(widthOf(text), width, JSON.stringify(text));
  }
});

/** Every character whose width is known without looking it up. */
const settled = Array.from({ length: 0xffff }, (_, code) => String.fromCharCode(code)).filter(
  (character) => settledWidth(character) !== undefined,
);

test('what is known of a width without looking is what the table says', () => {
  assert.ok(settled.length > 30_000);
  for (const character of settled)
    assert.equal(settledWidth(character), stringWidth(character), JSON.stringify(character));
});

test('settled characters never join, so that they need no segmenting', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...settled)), (characters) => {
      assert.deepEqual([...graphemes(characters.join(''))], characters);
    }),
  );
});

test('a letter under a heap of marks, a control and half a character are not drawn as they are', () => {
  assert.deepEqual(measure(`a${'\u0301'.repeat(100)}b`).glyphs, ['\ufffd', 'b']);
  assert.deepEqual(measure('a\x1b[31m\x07\x9b\u2028\ud800é').glyphs, [
    'a',
    '[',
    '3',
    '1',
    'm',
    '\ufffd',
    '\ufffd',
    'é',
  ]);
});

test('a text of a megabyte is measured as far as a screen could show it', () => {
  const started = performance.now();
  assert.equal(measure('é'.repeat(1_000_000)).width, 4096);
  assert.ok(performance.now() - started < 1000);
});
