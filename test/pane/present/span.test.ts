import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  cells,
  clip,
  clipLine,
  ends,
  fit,
  line,
  type Span,
  span,
  textOf,
  width,
  wrap,
} from '../../../source/pane/present/span.ts';

const text = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '日', '🚀', '✓', 'e\u0301', '-'), maxLength: 40 });
const spans = fc.array(
  text.map((each): Span => span(each)),
  { maxLength: 6 },
);
const limit = fc.integer({ min: 0, max: 60 });

test('a clipped text never takes more cells than it was given, and keeps what fits', () => {
  fc.assert(
    fc.property(text, limit, (each, to) => {
      assert.ok(cells(clip(each, to)) <= to);
      if (cells(each) <= to) assert.equal(clip(each, to), each);
    }),
  );
  assert.equal(clip('retry.test.ts', 8), 'retry.t…');
  assert.equal(clip('日本語', 5), '日本…');
  assert.equal(clip('日本語', 4), '日…');
});

test('a fitted line takes exactly the cells it was given', () => {
  fc.assert(
    fc.property(spans, limit, (each, to) => {
      assert.equal(width(fit(each, to)), to);
      assert.ok(width(clipLine(each, to)) <= to);
    }),
  );
});

test('the right end of a line is whole as long as it fits at all', () => {
  fc.assert(
    fc.property(spans, fc.integer({ min: 8, max: 60 }), (left, to) => {
      const both = textOf(ends(left, line('$1.84'), to));
      assert.equal(cells(both), to);
      assert.ok(both.endsWith('$1.84'));
    }),
  );
});

test('wrapping loses nothing but spaces and line ends', () => {
  const bare = (each: string) => each.replace(/\s/g, '');
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 30 }), (each, to) => {
      const rows = wrap(each, to);
      for (const row of rows) assert.ok(cells(row) <= to, `${row} is wider than ${to}`);
      assert.equal(bare(rows.join('')), bare(each));
    }),
  );
  assert.deepEqual(wrap('the clock is injected in setup', 12), ['the clock is', 'injected in', 'setup']);
  assert.deepEqual(wrap('a\nb', 10), ['a', 'b']);
});

test('a character wider than the room is shown rather than looped on', () => {
  assert.deepEqual(wrap('日本', 1), ['日', '本']);
});
