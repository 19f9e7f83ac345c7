/** Draws a web page of boxes and lines of "text" as pixels, so that tests need no browser. */
import { encode, type Picture } from '../../../../source/supervisor/gates/picture/png.ts';

export type Colour = readonly [red: number, green: number, blue: number];

export interface Page {
  readonly width: number;
  readonly height: number;
  readonly header: Colour;
  readonly button: boolean;
  readonly buttonColour: Colour;
  /** Pixels by which everything below the header is moved down. */
  readonly shift: number;
  /** Pixels by which the text is moved to the right. */
  readonly nudge: number;
  readonly blank: boolean;
  /** The edges of letters are lighter or darker by this, as another machine's smoothing makes them. */
  readonly jitter: number;
}

export const PAGE: Page = {
  width: 640,
  height: 400,
  header: [36, 41, 47],
  button: true,
  buttonColour: [40, 120, 240],
  shift: 0,
  nudge: 0,
  blank: false,
  jitter: 0,
};

export function draw(change: Partial<Page> = {}): Picture {
  const page = { ...PAGE, ...change };
  const { width, height } = page;
  const data = new Uint8Array(width * height * 4).fill(255);
  const box = (x: number, y: number, w: number, h: number, [red, green, blue]: Colour) => {
    for (let row = Math.max(0, y); row < Math.min(height, y + h); row++)
      for (let column = Math.max(0, x); column < Math.min(width, x + w); column++)
        data.set([red, green, blue], (row * width + column) * 4);
  };
  if (page.blank) return { width, height, data };
  box(0, 0, width, 32, page.header);
  const top = 32 + page.shift;
  box(0, top, 120, height, [240, 242, 245]);
  // Letters are bars of pseudo-random width, with one pale pixel at their right edge.
  let seed = 7;
  const random = (most: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % most;
  };
  for (let line = 0; line < 16; line++)
    for (let x = 140 + page.nudge; x < width - 60; ) {
      const w = 2 + random(4);
      box(x, top + 20 + line * 20, w, 9, [40, 40, 40]);
      const pale = 150 + (line % 2 === 0 ? page.jitter : -page.jitter);
      box(x + w, top + 20 + line * 20, 1, 9, [pale, pale, pale]);
      x += w + 2 + random(3) + (random(6) === 0 ? 6 : 0);
    }
  if (page.button) box(width - 100, height - 40, 60, 24, page.buttonColour);
  return { width, height, data };
}

export const drawn = (change: Partial<Page> = {}): Buffer => encode(draw(change));
