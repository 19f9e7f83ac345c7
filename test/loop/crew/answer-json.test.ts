import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lastObject } from '../../../source/loop/crew/answer-json.ts';

test('the last whole object of an answer is found, however it is wrapped', () => {
  assert.deepEqual(lastObject('```json\n{"a": {"b": [1, {"c": 2}]}}\n```\nThat is all.'), { a: { b: [1, { c: 2 }] } });
  assert.deepEqual(lastObject('{"a": 1} and then {"b": "}{"}'), { b: '}{' });
  assert.deepEqual(lastObject('function () { return {"a": 1} }'), { a: 1 });
  for (const none of ['', 'no', '{', '}', '{]}', '[1]', '{"a": }']) assert.equal(lastObject(none), null, none);
});

test('any object with anything said before it is found', () => {
  const value = fc.dictionary(fc.string(), fc.jsonValue());
  const before = fc.string().map((text) => text.replaceAll(/[{}]/g, ''));
  fc.assert(
    fc.property(value, before, (object, said) => {
      assert.deepEqual({ ...lastObject(`${said}\n${JSON.stringify(object)}`) }, JSON.parse(JSON.stringify(object)));
    }),
  );
});

test('a hostile answer costs no time', () => {
  const start = performance.now();
  for (const text of ['{'.repeat(1e6), '}'.repeat(1e6), '{}'.repeat(5e5), '{"a":'.repeat(2e5)]) lastObject(text);
  assert.ok(performance.now() - start < 2000);
});
