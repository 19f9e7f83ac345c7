/** The bound holds for the densest texts there are, with tokenizers that are known. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { get_encoding } from 'tiktoken';
import { mostTokens, tokensWritten, weigh } from '../../../source/supervisor/wire/weigh.ts';

const lower = 'abcdefghijklmnopqrstuvwxyz';
const from = (letters: string, length: number) =>
  fc.array(fc.constantFrom(...letters), { minLength: length, maxLength: length }).map((each) => each.join(''));
const dense = fc.oneof(
  from(lower + lower.toUpperCase(), 400),
  from(`${lower + lower.toUpperCase()}0123456789+/`, 400),
  from('0123456789', 400),
  from('!@#$%^&*()_+-={}[]|\\:;"<>,.?/~`', 400),
  from(' \n\tab', 400),
  fc.string({ unit: 'grapheme', minLength: 100, maxLength: 200 }),
  fc.string({ unit: 'binary', minLength: 100, maxLength: 200 }),
);

test('no text has more tokens than the bound', () => {
  for (const name of ['o200k_base', 'cl100k_base'] as const) {
    const encoding = get_encoding(name);
    try {
      fc.assert(
        fc.property(dense, (text) => {
          const whole = text.toWellFormed();
          assert.ok(encoding.encode_ordinary(whole).length <= mostTokens(whole));
        }),
        { numRuns: 150 },
      );
    } finally {
      encoding.free();
    }
  }
});

test('of real text the estimate of what was written is not too low, and the bound not wild', () => {
  const encoding = get_encoding('o200k_base');
  try {
    for (const file of ['README.md', 'package.json', 'source/supervisor/wire/weigh.ts']) {
      const text = readFileSync(file, 'utf8');
      const tokens = encoding.encode_ordinary(text).length;
      assert.ok(tokensWritten(Buffer.byteLength(text)) >= tokens, file);
      assert.ok(mostTokens(text) < 4 * tokens, file);
    }
  } finally {
    encoding.free();
  }
});

test('a picture weighs what a picture costs, not what its bytes would', () => {
  const data = 'A'.repeat(1_000_000);
  for (const block of [
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
    { type: 'input_image', image_url: `data:image/png;base64,${data}` },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
    { inlineData: { mimeType: 'image/png', data } },
  ])
    assert.ok(weigh([block]) < 11_000);
  assert.ok(weigh({ type: 'text', text: data }) > 700_000);
});
