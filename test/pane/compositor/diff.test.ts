import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CellCanvas } from '../../../source/pane/compositor/canvas.ts';
import { Cells } from '../../../source/pane/compositor/cells.ts';
import { diff } from '../../../source/pane/compositor/diff.ts';
import { type Style, Styles } from '../../../source/pane/compositor/style.ts';
import { Screen } from './screen.ts';

const styles = new Styles(16);
const LOOKS: readonly Style[] = [
  {},
  { fg: 'red' },
  { bold: true, fg: 'gray' },
  { inverse: true },
  { dim: true, underline: true },
];

/** Glyphs on whose width xterm (Unicode 11) and we agree. */
const AGREED = ['abc', ' ', '日本', '한글', 'é', 'e\u0301', '█░', '─│╭', '✓', '🚀', 'Привет', '…', '｡ﾟ', 'ก็'];
/** And such on which we do not: joined emoji, flags, keycaps, skin tones, spacing marks, new emoji. */
const DISPUTED = ['👨‍👩‍👧', '🇩🇪', '1️⃣', '👍🏽', '❤️', 'का', '🫩', 'ﷺ', '⌚︎', 'ᄒ', '\u2028', '☁︎'];

const WIDTH = 24;
const HEIGHT = 5;

interface Stroke {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly style: Style;
}

function strokes(alphabet: readonly string[]): fc.Arbitrary<Stroke[]> {
  return fc.array(
    fc.record({
      x: fc.integer({ min: -4, max: WIDTH + 1 }),
      y: fc.integer({ min: -1, max: HEIGHT }),
      text: fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
      style: fc.constantFrom(...LOOKS),
    }),
    { maxLength: 8 },
  );
}

function draw(frame: readonly Stroke[], width = WIDTH, height = HEIGHT): Cells {
  const cells = new Cells(width, height);
  const canvas = new CellCanvas(cells, styles, { x: 0, y: 0, width, height });
  for (const { x, y, text, style } of frame) canvas.text(x, y, text, style);
  return cells;
}

async function pictureOf(cells: Cells): Promise<Screen> {
  const screen = new Screen(cells.width, cells.height);
  screen.write(`\x1b[?7l${diff(null, cells, styles)}`);
  await screen.settled();
  return screen;
}

for (const [name, alphabet] of [
  ['text on whose width all agree', AGREED],
  ['text on whose width the terminal does not agree', [...AGREED, ...DISPUTED]],
] as const) {
  test(`after any sequence of frames the terminal shows what a fresh full paint would: ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(strokes(alphabet), { minLength: 2, maxLength: 6 }), async (frames) => {
        const screen = new Screen(WIDTH, HEIGHT);
        screen.write('\x1b[?7l');
        let shown: Cells | null = null;
        for (const frame of frames) {
          const next = draw(frame);
          screen.write(diff(shown, next, styles));
          shown = next;
        }
        await screen.settled();
        assert.deepEqual(screen.picture(), (await pictureOf(draw(frames.at(-1) ?? []))).picture());
      }),
      { numRuns: 80 },
    );
  });
}

test('a glyph that the terminal takes for too wide for the last column leaves nothing old there', async () => {
  const before = draw([{ x: WIDTH - 1, y: 1, text: 'x', style: {} }]);
  const after = draw([{ x: WIDTH - 1, y: 1, text: '⌚︎', style: {} }]);
  const screen = new Screen(WIDTH, HEIGHT);
  screen.write(`\x1b[?7l${diff(null, before, styles)}${diff(before, after, styles)}`);
  await screen.settled();
  assert.deepEqual(screen.picture(), (await pictureOf(after)).picture());
});

test('what the cells hold is what the terminal shows, cell for cell', async () => {
  await fc.assert(
    fc.asyncProperty(strokes(AGREED), async (frame) => {
      const cells = draw(frame);
      const screen = await pictureOf(cells);
      const rows = Array.from({ length: HEIGHT }, (_, y) =>
        cells.glyphs
          .slice(y * WIDTH, (y + 1) * WIDTH)
          .join('')
          .trimEnd(),
      );
      assert.deepEqual(screen.lines(), rows);
    }),
    { numRuns: 80 },
  );
});

test('a glyph that the terminal takes for wider spoils itself and not the line', async () => {
  const screen = await pictureOf(draw([{ x: 0, y: 0, text: '👨‍👩‍👧 then text', style: {} }]));
  assert.equal(screen.lines()[0]?.slice(-10), ' then text');
  assert.equal(screen.terminal.buffer.active.getLine(0)?.getCell(3)?.getChars(), 't');
});

test('an unchanged screen costs nothing, one changed cell costs a jump and a cell', () => {
  const before = draw([{ x: 0, y: 0, text: 'tokens 182k/400k', style: {} }]);
  const after = draw([{ x: 0, y: 0, text: 'tokens 183k/400k', style: {} }]);
  assert.equal(diff(before, before, styles), '');
  assert.equal(diff(before, after, styles), '\x1b[0m\x1b[1;10H3');
});

test('two changes close together are one run, far apart they are two', () => {
  const at = (...columns: number[]) => draw(columns.map((x) => ({ x, y: 2, text: 'x', style: {} })));
  assert.equal(diff(at(), at(3, 6), styles), '\x1b[0m\x1b[3;4Hx  x');
  assert.equal(diff(at(), at(3, 16), styles), '\x1b[0m\x1b[3;4Hx\x1b[3;17Hx');
});

test('unchanged wide text next to a change is not sent again', () => {
  const wide = (head: string) => draw([{ x: 0, y: 0, text: `${head}日本語日本語日本語`, style: {} }]);
  assert.equal(diff(wide('a'), wide('b'), styles), '\x1b[0m\x1b[1;1Hb');
});

test('a full paint never erases, so that nothing is lost inside a synchronised update', () => {
  assert.doesNotMatch(diff(null, draw([]), styles), /\x1b\[\d*[JK]/);
});

test('whatever a painter writes, no control byte but our own reaches the terminal', () => {
  // Not fc.string's `binary`, which first makes a table of a million characters.
  const characters = fc.array(fc.nat(0x10ffff), { maxLength: 8 }).map((codes) => String.fromCodePoint(...codes));
  const anything = fc.array(fc.record({ x: fc.nat(WIDTH), y: fc.nat(HEIGHT), text: characters }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(anything, (frame) => {
      const bytes = diff(null, draw(frame.map((stroke) => ({ ...stroke, style: {} }))), styles);
      const ours = bytes.replace(/\x1b\[\d+(;\d+)*[Hm]/g, '');
      assert.doesNotMatch(ours, /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    }),
    { numRuns: 200 },
  );
});
