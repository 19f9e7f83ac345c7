/** One value is changed, and not a byte beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { withValue } from '../../../source/supervisor/wire/edit.ts';

const object = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue());

test('a value that is there is replaced and everything before and after it stays', () => {
  fc.assert(
    fc.property(object, object, fc.jsonValue(), fc.boolean(), (before, after, old, spaced) => {
      const inner = JSON.stringify({ max_tokens: old }, null, spaced ? 2 : 0).slice(1, -1);
      const side = (part: object) => JSON.stringify(part, null, spaced ? 2 : 0).slice(1, -1);
      const rest = Object.fromEntries(Object.entries(after).filter(([key]) => key !== 'max_tokens'));
      const join = [side(before), inner, side(rest)].filter((part) => part.trim() !== '').join(',');
      const text = `{${join}}`;
      const changed = withValue(text, ['max_tokens'], 4096);
      assert.ok(changed !== null);
      assert.deepEqual(JSON.parse(changed), { ...JSON.parse(text), max_tokens: 4096 });
      assert.equal(changed.endsWith(side(rest) === '' ? '}' : `${side(rest)}}`), true);
    }),
  );
});

test('a value that is missing is added, with what leads to it', () => {
  fc.assert(
    fc.property(object, (before) => {
      const { stream_options: _gone, ...clean } = before as Record<string, unknown>;
      const text = JSON.stringify(clean);
      const changed = withValue(text, ['stream_options', 'include_usage'], true);
      assert.deepEqual(JSON.parse(changed ?? ''), { stream_options: { include_usage: true }, ...JSON.parse(text) });
    }),
  );
  assert.equal(withValue('{"a":{"b":1}}', ['a', 'c'], 2), '{"a":{"c":2,"b":1}}');
  assert.equal(withValue('{"a":{}}', ['a', 'c'], 'x'), '{"a":{"c":"x"}}');
});

test('of a key that is written twice the one that counts is changed; a way through no object is refused', () => {
  assert.equal(withValue('{"a":1,"b":"\\"}","a":2}', ['a'], 3), '{"a":1,"b":"\\"}","a":3}');
  assert.equal(withValue('{"a":[1]}', ['a', 'b'], 3), null);
  assert.equal(withValue('[1]', ['a'], 3), null);
  assert.equal(withValue('{"model":"x"}', ['model'], '$& $1'), '{"model":"$& $1"}');
});
