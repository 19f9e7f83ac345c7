import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import type { Likeness } from '../../../../source/loop/definition/gates.ts';
import { toLab } from '../../../../source/supervisor/gates/picture/colour.ts';
import { compare, grey } from '../../../../source/supervisor/gates/picture/compare.ts';
import { decode, encode, NoPicture } from '../../../../source/supervisor/gates/picture/png.ts';
import { ssim } from '../../../../source/supervisor/gates/picture/ssim.ts';
import { draw, drawn, type Page } from './page.ts';

const LIKENESS: Likeness = {
  maxDiffRatio: 0.01,
  threshold: 0.1,
  ignoreAntialiasing: true,
  minSsim: 0.97,
  downscale: 1,
  maxDeltaE: 4,
  ignore: [],
};

const REFERENCE = draw();
const shown = (change: Partial<Page>, likeness: Partial<Likeness> = {}) =>
  compare(draw(change), REFERENCE, { ...LIKENESS, ...likeness });

test('SSIM gives the figures of the reference formula', () => {
  // Computed apart with scipy: a 2D convolution with the 11×11 Gaussian of the paper.
  for (const [change, value] of [
    [{ nudge: 1 }, 0.6970073056505918],
    [{ shift: 10 }, 0.39677676697308883],
    [{ blank: true }, 0.48116761390407337],
    [{ jitter: 40 }, 0.9941396865931005],
  ] as const)
    assert.ok(Math.abs(ssim(grey(draw(change), 1), grey(REFERENCE, 1)) - value) < 1e-6, JSON.stringify(change));
});

test('SSIM of two even areas is what the formula leaves of it, and of equal pictures 1', () => {
  const even = (value: number) => ({ width: 20, height: 20, data: new Float32Array(400).fill(value) });
  const c1 = (0.01 * 255) ** 2;
  assert.ok(Math.abs(ssim(even(50), even(100)) - (2 * 50 * 100 + c1) / (50 ** 2 + 100 ** 2 + c1)) < 1e-9);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 144, maxLength: 144 }), (values) => {
      const a = { width: 12, height: 12, data: Float32Array.from(values) };
      const b = { ...a, data: a.data.toReversed() };
      assert.ok(Math.abs(ssim(a, a) - 1) < 1e-6);
      assert.ok(Math.abs(ssim(a, b) - ssim(b, a)) < 1e-9);
      assert.ok(ssim(a, b) <= 1 && ssim(a, b) >= -1);
    }),
    { numRuns: 50 },
  );
});

test('CIELAB has the published values of the sRGB primaries', () => {
  for (const [rgb, lab] of [
    [
      [255, 255, 255],
      [100, 0, 0],
    ],
    [
      [255, 0, 0],
      [53.24, 80.09, 67.2],
    ],
    [
      [0, 255, 0],
      [87.73, -86.18, 83.18],
    ],
    [
      [0, 0, 255],
      [32.3, 79.19, -107.86],
    ],
  ] as const)
    toLab(rgb).forEach((value, at) => {
      assert.ok(Math.abs(value - (lab[at] ?? 0)) < 0.05, `${rgb}: ${value} is not ${lab[at]}`);
    });
});

test('each cheat is caught by one measure at least, and none of the measures catches them all', () => {
  const fails = (change: Partial<Page>) => {
    const { diffRatio, ssim, colour } = shown(change);
    return [diffRatio > 0.01 && 'pixels', ssim < 0.97 && 'structure', colour.deltaE > 4 && 'colour'].filter(Boolean);
  };
  assert.deepEqual(fails({}), []);
  assert.deepEqual(fails({ jitter: 40 }), [], 'smoothed otherwise on another machine');
  assert.deepEqual(fails({ blank: true }), ['pixels', 'structure', 'colour']);
  assert.deepEqual(fails({ shift: 10 }), ['pixels', 'structure', 'colour']);
  assert.deepEqual(fails({ button: false }), ['colour']);
  assert.deepEqual(fails({ header: [47, 36, 41] }), ['colour'], 'another hue of the same brightness');
  assert.deepEqual(fails({ header: [90, 41, 47] }), ['pixels', 'colour']);
  assert.deepEqual(fails({ buttonColour: [58, 128, 240] }), ['colour']);
  assert.deepEqual(fails({ nudge: 1 }), ['pixels', 'structure', 'colour']);
});

test('the score rises as a page comes nearer, and is 1 only for the same', () => {
  const steps: Partial<Page>[] = [
    { blank: true },
    { shift: 10, button: false },
    { shift: 10 },
    { nudge: 1 },
    { button: false },
    {},
  ];
  const scores = steps.map((step) => shown(step).score);
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => a - b),
  );
  assert.equal(scores.at(-1), 1);
  assert.ok(new Set(scores).size === scores.length);
});

test('the difference says where it is, and rectangles can be left out', () => {
  const { box, colour, diff } = shown({ button: false });
  assert.deepEqual(box, { x: 540, y: 360, w: 60, h: 24 });
  assert.ok(colour.x >= 528 && colour.x < 600 && colour.y >= 352 && colour.y < 384);
  assert.deepEqual([...diff.data.subarray((370 * 640 + 560) * 4, (370 * 640 + 560) * 4 + 3)], [255, 0, 0]);
  const ignored = shown({ button: false }, { ignore: [{ x: 530, y: 350, w: 1000, h: 1000 }] });
  assert.deepEqual([ignored.diffRatio, ignored.ssim, ignored.colour.deltaE], [0, 1, 0]);
});

test('a picture of another size is compared as if the rest were wrong', () => {
  const { diffRatio, size, wanted } = compare(draw({ height: 300 }), REFERENCE, LIKENESS);
  assert.ok(diffRatio > 0.24);
  assert.deepEqual([size.height, wanted.height], [300, 400]);
});

test('structure can be compared at a fraction of the size', () => {
  assert.ok(shown({ nudge: 1 }, { downscale: 4 }).ssim > shown({ nudge: 1 }).ssim);
});

test('what is transparent is the white of the page', () => {
  const clear = draw({ blank: true });
  for (let at = 0; at < clear.data.length; at += 4) clear.data.set([0, 0, 0, 0], at);
  assert.equal(compare(clear, draw({ blank: true }), LIKENESS).score, 1);
});

test('an interlaced picture is read, and has to be whole', () => {
  // 1×1: one row of the first pass, nothing of the others.
  const dot = decode(png(header(1, 1, 1), idat(Buffer.from([0, 10, 20, 30, 255]))));
  assert.deepEqual([...dot.data], [10, 20, 30, 255]);
  assert.throws(() => decode(png(header(8, 8, 1), idat(Buffer.from([0, 10, 20, 30, 255])))), /its pixels end early/);
});

test('a PNG comes back as it was', () => {
  const back = decode(drawn());
  assert.deepEqual([back.width, back.height], [640, 400]);
  assert.ok(Buffer.from(back.data).equals(REFERENCE.data));
  assert.ok(encode(back).equals(drawn()));
});

test('a picture that asks for more than it may have is refused before it is unpacked', () => {
  const refused = (bytes: Buffer, words: RegExp) =>
    assert.throws(
      () => decode(bytes),
      (error: unknown) => error instanceof NoPicture && words.test(error.message),
    );
  refused(Buffer.alloc(0), /is empty/);
  refused(Buffer.from('<svg/>'), /is no PNG/);
  refused(drawn().subarray(0, 500), /ends early/);
  refused(png(header(60_000, 60_000), idat(Buffer.alloc(100))), /is 60000×60000 pixels, and at most 16 megapixels/);
  refused(png(header(30_000, 30_000), idat(Buffer.alloc(100))), /is 30000×30000 pixels/);
  refused(png(header(0, 10), idat(Buffer.alloc(100))), /is 0×10/);
  refused(png(header(10, 10), header(30_000, 30_000), idat(Buffer.alloc(100))), /two headers/);
  // 40 kB that unpack to 40 MB.
  refused(png(header(10, 10, 1), idat(Buffer.alloc(40_000_000))), /damaged/);
  refused(png(header(10, 10), idat(Buffer.alloc(20))), /damaged/);
});

test('whatever bytes a picture has, it is a picture or none, and never an accident', () => {
  const good = encode(draw({ width: 16, height: 16 }));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 5,
      }),
      (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          assert.equal(decode(bytes).data.length % 4, 0);
        } catch (error) {
          assert.ok(error instanceof NoPicture, String(error));
        }
      },
    ),
    { numRuns: 300 },
  );
});

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const png = (...chunks: Buffer[]) => Buffer.concat([SIGNATURE, ...chunks, chunk('IEND', Buffer.alloc(0))]);
const idat = (pixels: Buffer) => chunk('IDAT', deflateSync(pixels));

function header(width: number, height: number, interlaced = 0): Buffer {
  const content = Buffer.alloc(13);
  content.writeUInt32BE(width, 0);
  content.writeUInt32BE(height, 4);
  content.set([8, 6, 0, 0, interlaced], 8);
  return chunk('IHDR', content);
}

function chunk(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}

function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
