/** Streams are cut right wherever their chunks begin and end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dataOf, type Splitter, splitEvents, splitObjects } from '../../../source/supervisor/wire/split.ts';

const newline = fc.constantFrom('\n', '\r\n', '\r');
/** Anything but line ends, other scripts and emoji included. */
const words = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, ' '));

const fed = (splitter: Splitter, bytes: Buffer, cuts: readonly number[]) => {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let at = 1; at < places.length; at++) splitter.feed(bytes.subarray(places[at - 1], places[at]));
  splitter.end();
};

test('events are told whole, each with its bytes, under any chunking and any line end', () => {
  const event = fc.record({ name: words, lines: fc.array(words, { minLength: 1, maxLength: 3 }) });
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 5 }),
      newline,
      fc.array(fc.nat(), { maxLength: 12 }),
      (events, end, cuts) => {
        const text = events
          .map(({ name, lines }) => `event: x${name}${end}${lines.map((line) => `data: ${line}${end}`).join('')}${end}`)
          .join('');
        const told: Buffer[] = [];
        fed(
          splitEvents((each) => told.push(Buffer.from(each))),
          Buffer.from(text),
          cuts,
        );
        assert.equal(Buffer.concat(told).toString(), text);
        assert.deepEqual(
          told.map(dataOf),
          events.map(({ lines }) => lines.join('\n')),
        );
      },
    ),
  );
});

test('any bytes at all come out as they went in', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(fc.nat(), { maxLength: 8 }), (bytes, cuts) => {
      const told: Buffer[] = [];
      const whole = Buffer.from([...bytes].map((byte) => [0x0a, 0x0d, 0x64][byte % 5] ?? byte));
      fed(
        splitEvents((each) => told.push(Buffer.from(each))),
        whole,
        cuts,
      );
      assert.deepEqual(Buffer.concat(told), whole);
    }),
  );
});

test('an event that nothing ends is told at the end', () => {
  const told: string[] = [];
  fed(
    splitEvents((each) => told.push(dataOf(each))),
    Buffer.from('data: {"a":1}\n\ndata:{"b":2}'),
    [3],
  );
  assert.deepEqual(told, ['{"a":1}', '{"b":2}']);
});

test('objects are told whole, alone and in an array, under any chunking', () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(words, fc.jsonValue()), { maxLength: 4 }),
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 12 }),
      (objects, spaced, cuts) => {
        const text = `[${objects.map((each) => JSON.stringify(each, null, spaced ? 1 : 0)).join(',\r\n')}]`;
        const told: unknown[] = [];
        fed(
          splitObjects((each) => told.push(JSON.parse(each.toString()))),
          Buffer.from(text),
          cuts,
        );
        assert.deepEqual(told, JSON.parse(text));
      },
    ),
  );
  const alone: unknown[] = [];
  fed(
    splitObjects((each) => alone.push(JSON.parse(each.toString()))),
    Buffer.from('{"a":"}\\"{"}'),
    [4, 7],
  );
  assert.deepEqual(alone, [{ a: '}"{' }]);
});
