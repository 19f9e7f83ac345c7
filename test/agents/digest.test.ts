/** Caps and hashes of texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { callHash, clip, resultHash } from '../../source/agents/digest.ts';

test('a long text keeps its head and tail and no half characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1500, maxLength: 6000 }), (text) => {
      const short = clip(text);
      assert.ok(short.length <= 4000);
      assert.ok(short.isWellFormed() || !text.isWellFormed());
      if (text.length <= 4000) assert.equal(short, text);
    }),
    { numRuns: 30 },
  );
  assert.equal(clip('🙂'.repeat(5000)).isWellFormed(), true);
  assert.match(clip(`a${'x'.repeat(9000)}z`), /^a.*… \d+ characters ….*z$/s);
});

test('key order and descriptions do not make a call another one, values do', () => {
  const hash = callHash('Bash', { command: 'npm test', description: 'run tests', options: { a: 1, b: [2] } });
  assert.equal(callHash('Bash', { options: { b: [2], a: 1 }, description: 'again', command: 'npm test' }), hash);
  assert.notEqual(callHash('Bash', { command: 'npm test', options: { a: 1, b: [3] } }), hash);
  assert.notEqual(callHash('Run', { command: 'npm test', options: { a: 1, b: [2] } }), hash);
});

test('colours, times and durations do not make a result another one, words and success do', () => {
  const hash = resultHash(false, 'at 2026-11-23T02:34:11.028Z \u001b[31mfail\u001b[0m (1.23 s)  in /tmp/a1/x');
  assert.equal(resultHash(false, 'at 2026-11-24T12:00:00Z fail (987ms) in /tmp/b2/y\n'), hash);
  assert.notEqual(resultHash(false, 'at 2026-11-24T12:00:00Z pass (987ms) in /tmp/b2/y'), hash);
  assert.notEqual(resultHash(true, 'at 2026-11-24T12:00:00Z fail (987ms) in /tmp/b2/y'), hash);
});
