/** Difference in colour of the means of blocks: what structure and a tolerant count of pixels do not see, a header in another hue. */
import type { Picture } from './png.ts';

/** Small enough for a 120×36 button to fill some, large enough to even out smoothed edges. */
const BLOCK = 16;

export interface ColourDifference {
  /** Largest CIE76 distance of two blocks' means: 2.3 is just noticeable, 100 is black to white. */
  readonly deltaE: number;
  /** Upper left corner of that block. */
  readonly x: number;
  readonly y: number;
  /** Share of the blocks within `limit`, 0 to 1. */
  readonly within: number;
}

/** Both pictures must have the same size. */
export function colourDifference(a: Picture, b: Picture, limit: number): ColourDifference {
  let worst = { deltaE: 0, x: 0, y: 0 };
  let [blocks, within] = [0, 0];
  for (let y = 0; y < a.height; y += BLOCK)
    for (let x = 0; x < a.width; x += BLOCK) {
      const deltaE = distance(toLab(mean(a, x, y)), toLab(mean(b, x, y)));
      blocks++;
      if (deltaE <= limit) within++;
      if (deltaE > worst.deltaE) worst = { deltaE, x, y };
    }
  return { ...worst, within: within / blocks };
}

type Three = readonly [number, number, number];

function mean({ width, height, data }: Picture, left: number, top: number): Three {
  const sum: [number, number, number] = [0, 0, 0];
  const [right, bottom] = [Math.min(width, left + BLOCK), Math.min(height, top + BLOCK)];
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const at = (y * width + x) * 4;
      sum[0] += data[at] ?? 0;
      sum[1] += data[at + 1] ?? 0;
      sum[2] += data[at + 2] ?? 0;
    }
  const pixels = (right - left) * (bottom - top);
  return [sum[0] / pixels, sum[1] / pixels, sum[2] / pixels];
}

const distance = (a: Three, b: Three): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** sRGB (IEC 61966-2-1, 0 to 255) to CIELAB under D65. */
export function toLab([red, green, blue]: Three): Three {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const x = curve((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = curve(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = curve((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

const curve = (share: number): number =>
  share > 216 / 24389 ? Math.cbrt(share) : (share * 24389) / 27 / 116 + 16 / 116;
