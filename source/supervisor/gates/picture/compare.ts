/**
 * How alike two pictures are, by three measures of which none is enough: a count of pixels passes a missing button (0.4 %),
 * structure is blind to colour, and blocks of colour to what moved within them.
 */
import pixelmatch from 'pixelmatch';
import type { Likeness, Rectangle } from '../../../loop/definition/gates.ts';
import { type ColourDifference, colourDifference } from './colour.ts';
import type { Picture } from './png.ts';
import { type Grey, ssim } from './ssim.ts';

export interface Comparison {
  readonly size: { readonly width: number; readonly height: number };
  readonly wanted: { readonly width: number; readonly height: number };
  /** Share of the pixels that differ, 0 to 1. */
  readonly diffRatio: number;
  readonly ssim: number;
  readonly colour: ColourDifference;
  /** Where pixels differ; null when none does. */
  readonly box: Rectangle | null;
  /** 0 to 1, the mean of the three likenesses: shows progress, decides nothing. */
  readonly score: number;
  /** The picture in pale grey, what differs in red. */
  readonly diff: Picture;
}

export function compare(actual: Picture, reference: Picture, likeness: Likeness): Comparison {
  const [a, b] = sameSize(onWhite(actual), onWhite(reference));
  for (const picture of [a, b]) blank(picture, likeness.ignore);
  const { width, height } = a;
  const diff = new Uint8Array(width * height * 4);
  const different = pixelmatch(a.data, b.data, diff, width, height, {
    threshold: likeness.threshold,
    includeAA: !likeness.ignoreAntialiasing,
    aaColor: [255, 200, 0],
    diffColor: [255, 0, 0],
  });
  const diffRatio = different / (width * height);
  const structure = ssim(grey(a, likeness.downscale), grey(b, likeness.downscale));
  const colour = colourDifference(a, b, likeness.maxDeltaE);
  return {
    size: { width: actual.width, height: actual.height },
    wanted: { width: reference.width, height: reference.height },
    diffRatio,
    ssim: structure,
    colour,
    box: different === 0 ? null : boxOf(diff, width, height),
    score: (1 - diffRatio + Math.max(0, structure) + colour.within) / 3,
    diff: { width, height, data: diff },
  };
}

/** What is transparent shows the page's white. */
function onWhite({ width, height, data }: Picture): Picture {
  const flat = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 4) {
    const alpha = (data[at + 3] ?? 255) / 255;
    for (let channel = 0; channel < 3; channel++)
      flat[at + channel] = Math.round((data[at + channel] ?? 0) * alpha + 255 * (1 - alpha));
    flat[at + 3] = 255;
  }
  return { width, height, data: flat };
}

/** Where one picture ends and the other goes on, the one has what differs most. */
function sameSize(a: Picture, b: Picture): [Picture, Picture] {
  if (a.width === b.width && a.height === b.height) return [a, b];
  const [width, height] = [Math.max(a.width, b.width), Math.max(a.height, b.height)];
  return [extended(a, b, width, height), extended(b, a, width, height)];
}

function extended(picture: Picture, other: Picture, width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 4).fill(255);
  const channelOf = ({ width: w, height: h, data: from }: Picture, x: number, y: number, channel: number) =>
    x < w && y < h ? from[(y * w + x) * 4 + channel] : undefined;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++) {
        const opposite = (channelOf(other, x, y, channel) ?? 255) < 128 ? 255 : 0;
        data[(y * width + x) * 4 + channel] = channelOf(picture, x, y, channel) ?? opposite;
      }
  return { width, height, data };
}

function blank({ width, height, data }: Picture, rectangles: readonly Rectangle[]): void {
  for (const { x, y, w, h } of rectangles)
    for (let row = y; row < Math.min(height, y + h); row++)
      data.fill(255, (row * width + Math.min(x, width)) * 4, (row * width + Math.min(x + w, width)) * 4);
}

/** Brightness by ITU-R BT.601, as SSIM is used; of blocks of `downscale` by `downscale` pixels the mean. */
export function grey({ width, height, data }: Picture, downscale: number): Grey {
  const [columns, rows] = [Math.max(1, Math.floor(width / downscale)), Math.max(1, Math.floor(height / downscale))];
  const out = new Float32Array(columns * rows);
  const step = Math.min(downscale, width, height);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let dy = 0; dy < step; dy++)
        for (let dx = 0; dx < step; dx++) {
          const at = ((y * step + dy) * width + x * step + dx) * 4;
          sum += 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
        }
      out[y * columns + x] = sum / (step * step);
    }
  return { width: columns, height: rows, data: out };
}

/** Around everything that pixelmatch painted red. */
function boxOf(diff: Uint8Array, width: number, height: number): Rectangle | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      if (diff[at] !== 255 || diff[at + 1] !== 0 || diff[at + 2] !== 0) continue;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    }
  return right < 0 ? null : { x: left, y: top, w: right - left + 1, h: bottom - top + 1 };
}
