import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { carries, checkMark, readVariable } from '../../../../source/supervisor/process/tree/mark.ts';

const environment = (...entries: string[]) => Buffer.from(entries.map((entry) => `${entry}\0`).join(''));

test('a mark is recognised whole, wherever it stands, and so are the marks it owns', () => {
  for (const own of ['LOOPTOP_RUN=abc', 'LOOPTOP_RUN=abc/gate']) {
    assert.equal(carries(environment(own), 'LOOPTOP_RUN', 'abc'), true);
    assert.equal(carries(environment('A=1', own, 'B=2'), 'LOOPTOP_RUN', 'abc'), true);
    assert.equal(carries(environment('A=1', own).subarray(0, -1), 'LOOPTOP_RUN', 'abc'), true);
  }
  for (const other of ['LOOPTOP_RUN=abcd', 'LOOPTOP_RUN=ab', 'LOOPTOP_RUN=', 'XLOOPTOP_RUN=abc', 'A=LOOPTOP_RUN=abc']) {
    assert.equal(carries(environment(other), 'LOOPTOP_RUN', 'abc'), false, other);
  }
  assert.equal(carries(environment('LOOPTOP_RUN=abc'), 'LOOPTOP_RUN', 'abc/gate'), false);
  assert.equal(carries(Buffer.alloc(0), 'LOOPTOP_RUN', 'abc'), false);
});

test('a variable is read as it was set', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
  fc.assert(
    fc.property(fc.array(text), text, (others, value) => {
      const entries = others.map((other) => `OTHER=${other}`);
      assert.equal(readVariable(environment(...entries, `MINE=${value}`), 'MINE'), Buffer.from(value).toString());
    }),
  );
});

test('a mark can be a folder name and nothing else', () => {
  for (const mark of ['abc', 'a.b-c_d', '0/1-maker', 'a/b/c']) checkMark(mark);
  for (const mark of ['', '.', '..', 'a/..', '/a', 'a/', 'a//b', 'a b', 'a\n', 'ä']) {
    assert.throws(() => checkMark(mark), RangeError, mark);
  }
});
