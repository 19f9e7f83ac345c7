import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineTooLong, lineReader } from '../../source/socket/lines.ts';

test('however the bytes are cut, the lines are the same', () => {
  const text = fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', ' '));
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (sent, sizes) => {
        const bytes = Buffer.from(sent.map((line) => `${line}\n`).join(''));
        const read = lineReader(1000);
        const got: string[] = [];
        for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          got.push(...read(bytes.subarray(from, from + size)));
          from += size;
        }
        assert.deepEqual(got, sent);
      },
    ),
  );
});

test('a line over the limit is refused, ended or not, and one at the limit is not', () => {
  assert.deepEqual(lineReader(4)(Buffer.from('1234\n')), ['1234']);
  assert.throws(() => lineReader(4)(Buffer.from('12345\n')), LineTooLong);
  const read = lineReader(4);
  assert.deepEqual(read(Buffer.from('123')), []);
  assert.throws(() => read(Buffer.from('45')), LineTooLong);
});
