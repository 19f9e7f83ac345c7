/**
 * PNG files as pixels and back. A picture comes from what a maker wrote, so its size is read from its header and refused
 * before anything is allocated for it: 70 bytes can ask for 16 GB.
 */
import { inflateSync } from 'node:zlib';
import { PNG } from 'pngjs';

/** Eight bits each of red, green, blue and alpha, row by row from the top. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A 1280 px page 13,000 px long: 64 MiB as pixels, of which a comparison needs about eight times as much. */
export const LARGEST = { bytes: 32 * 1024 * 1024, pixels: 16 * 1024 * 1024, side: 32_768 } as const;

/** A file that is no picture we would compare. The message says what it is instead. */
export class NoPicture extends Error {
  override readonly name = 'NoPicture';
}

/** @throws NoPicture */
export function decode(bytes: Uint8Array): Picture {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, end, idat } = survey(file);
  const { width, height } = header;
  const size = sizeOf(header);
  try {
    // pngjs does not bound what an interlaced picture unpacks to, and reads on in foreign memory where one ends early.
    const unpacked = inflateSync(idat, { maxOutputLength: size + 1024 }).length;
    if (unpacked < size) throw new Error('its pixels end early');
    return { width, height, data: PNG.sync.read(file.subarray(0, end)).data };
  } catch (cause) {
    throw new NoPicture(`is a damaged PNG: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export function encode({ width, height, data }: Picture): Buffer {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return PNG.sync.write(png);
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits a pixel. */
  readonly bits: number;
  readonly interlaced: boolean;
}

interface Survey {
  readonly header: Header;
  /** Where the picture ends in the file. */
  readonly end: number;
  /** The packed pixels. */
  readonly idat: Buffer;
}

/** Walks over the chunks without looking into them. A second header would take the place of the one that was checked. */
function survey(file: Buffer): Survey {
  if (file.length === 0) throw new NoPicture('is empty');
  if (file.length > LARGEST.bytes) throw new NoPicture(`is larger than ${LARGEST.bytes / 1024 / 1024} MiB`);
  if (!file.subarray(0, 8).equals(SIGNATURE)) throw new NoPicture('is no PNG');
  const parts: Buffer[] = [];
  let header: Header | null = null;
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const content = file.subarray(at + 8, at + 8 + length);
    at += 12 + length;
    if (type === 'IHDR') {
      if (header !== null || length !== 13) throw new NoPicture('is a damaged PNG: two headers, or none that counts');
      header = readHeader(content);
    } else if (header === null) break;
    else if (type === 'IDAT') parts.push(content);
    else if (type === 'IEND' && at <= file.length) return { header, end: at, idat: Buffer.concat(parts) };
  }
  throw new NoPicture('is a damaged PNG: it ends early');
}

/** Channels of each colour type: grey, RGB, palette, grey with alpha, RGBA. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

function readHeader(content: Buffer): Header {
  if (content.length < 13) throw new NoPicture('is a damaged PNG: it ends early');
  const [width, height] = [content.readUInt32BE(0), content.readUInt32BE(4)];
  const fits = width <= LARGEST.side && height <= LARGEST.side && width * height <= LARGEST.pixels;
  if (width === 0 || height === 0 || !fits)
    throw new NoPicture(
      `is ${width}×${height} pixels, and at most ${LARGEST.pixels / 1024 / 1024} megapixels are compared`,
    );
  const channels = CHANNELS[content[9] ?? -1];
  const depth = content[8] ?? 0;
  if (channels === undefined || ![1, 2, 4, 8, 16].includes(depth)) throw new NoPicture('is a PNG of an unknown kind');
  return { width, height, bits: channels * depth, interlaced: content[12] !== 0 };
}

/** The seven passes of Adam7: where each begins, and its steps (PNG specification, 8.2). */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Bytes of the unpacked pixels: each row begins with a byte that names its filter. */
function sizeOf({ width, height, bits, interlaced }: Header): number {
  const area = (columns: number, rows: number) =>
    columns <= 0 || rows <= 0 ? 0 : rows * (1 + Math.ceil((columns * bits) / 8));
  if (!interlaced) return area(width, height);
  return PASSES.reduce(
    (sum, [x, y, across, down]) => sum + area(Math.ceil((width - x) / across), Math.ceil((height - y) / down)),
    0,
  );
}
