import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CellCanvas } from '../../../source/pane/compositor/canvas.ts';
import { Cells, type Rect } from '../../../source/pane/compositor/cells.ts';
import { Compositor, type PlacedOverlay, type PlacedSurface } from '../../../source/pane/compositor/compositor.ts';
import { Styles } from '../../../source/pane/compositor/style.ts';
import { streamSink, Writer } from '../../../source/pane/compositor/writer.ts';
import { Screen, until } from './screen.ts';

const UNHURRIED = { ambient: 10_000, most: 100_000 };
const styles = new Styles(16);
const TEXTS = ['loop ci-fix-12', '日本語 text', '🚀🚀', 'a\u0301b', '█████░░', '👨‍👩‍👧 family', '│', '✓ ok'];

interface Drawn {
  readonly base: string;
  readonly surfaces: readonly (Rect & { readonly text: string })[];
  readonly overlay: Rect | null;
}

const rect = fc.record({
  x: fc.integer({ min: -3, max: 30 }),
  y: fc.integer({ min: -2, max: 8 }),
  width: fc.nat(20),
  height: fc.nat(6),
});

const drawn: fc.Arbitrary<Drawn> = fc.record({
  base: fc.constantFrom(...TEXTS),
  surfaces: fc.array(
    fc.tuple(rect, fc.constantFrom(...TEXTS)).map(([box, text]) => ({ ...box, text })),
    { maxLength: 4 },
  ),
  overlay: fc.option(rect),
});

type Step =
  | { readonly draw: Drawn }
  | { readonly size: readonly [number, number] }
  | { readonly do: 'stall' | 'drain' | 'tell' | 'wait' };

// xterm itself has two columns at least.
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ draw: drawn }) },
  {
    weight: 1,
    arbitrary: fc.record({ size: fc.tuple(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 10 })) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('stall' as const, 'drain' as const, 'tell' as const, 'wait' as const) }),
  },
);

/** A compositor on a screen, with a scene that can be swapped. */
function compose(columns: number, rows: number) {
  const screen = new Screen(columns, rows);
  screen.write('\x1b[?7l');
  let current: Drawn = { base: '', surfaces: [], overlay: null };
  let size = { columns, rows };
  const writer = new Writer(streamSink(screen));
  const scene = () => {
    const base = new Cells(size.columns, size.rows);
    const canvas = new CellCanvas(base, styles, { x: 0, y: 0, width: size.columns, height: size.rows });
    for (let y = 0; y < size.rows; y++) canvas.text(0, y, current.base.repeat(10), { dim: true });
    const overlay: PlacedOverlay | null = current.overlay && { rect: current.overlay };
    return {
      base,
      surfaces: current.surfaces.map(
        (box, i): PlacedSurface => ({
          rect: box,
          clip: box,
          overlay: i === 3 ? overlay : null,
          paint: (surface) => {
            for (let y = 0; y < surface.height; y++) surface.text(0, y, box.text.repeat(3), { fg: 'green' });
          },
        }),
      ),
      overlays: overlay ? [overlay] : [],
    };
  };
  const compositor = new Compositor(columns, rows, styles, writer, scene, UNHURRIED);
  screen.on('resize', () => {
    size = { columns: screen.columns, rows: screen.rows };
    compositor.resize(size.columns, size.rows);
  });
  return {
    screen,
    compositor,
    writer,
    draw(next: Drawn) {
      current = next;
      compositor.invalidate();
    },
    /** Resolves when what was drawn last is on the screen. */
    async settled() {
      screen.drain();
      screen.tell();
      const { frames } = compositor.stats;
      await until(() => compositor.stats.frames > frames && !writer.busy);
      await screen.settled();
    },
  };
}

test('after any frames, resizes and stalls the terminal shows what a fresh full paint would', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const one = compose(30, 8);
      let last: Drawn = { base: '', surfaces: [], overlay: null };
      for (const now of steps) {
        if ('draw' in now) {
          last = now.draw;
          one.draw(last);
        } else if ('size' in now) one.screen.resize(now.size[0], now.size[1]);
        else if (now.do === 'stall') one.screen.stall();
        else if (now.do === 'drain') one.screen.drain();
        else if (now.do === 'tell') one.screen.tell();
        else await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await one.settled();
      const fresh = compose(one.screen.columns, one.screen.rows);
      fresh.draw(last);
      await fresh.settled();
      assert.deepEqual(one.screen.picture(), fresh.screen.picture());
    }),
    { numRuns: 80 },
  );
});

test('a stalled terminal costs frames and nothing else: one waits, the others are dropped, and the last one is shown', async () => {
  const { compositor, screen, draw, settled } = compose(20, 2);
  draw({ base: 'frame 0 ', surfaces: [], overlay: null });
  await until(() => compositor.stats.frames === 1);
  screen.stall();
  for (let i = 1; i <= 50; i++) {
    draw({ base: `frame ${i} `, surfaces: [], overlay: null });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.ok(compositor.stats.frames <= 3, 'frames were painted for nobody');
  assert.ok(compositor.stats.dropped > 5);
  await settled();
  assert.match(screen.lines()[0] ?? '', /^frame 50 /);
});

test('a frame is bracketed as one synchronised update, and an unchanged screen sends nothing', async () => {
  const { compositor, screen, draw } = compose(20, 2);
  draw({ base: 'x', surfaces: [], overlay: null });
  await until(() => compositor.stats.frames === 1);
  assert.match(screen.written, /\x1b\[\?2026h[\s\S]*\x1b\[\?2026l$/);
  const { bytes } = compositor.stats;
  compositor.invalidate();
  await until(() => compositor.stats.frames === 2);
  assert.equal(compositor.stats.bytes, bytes);
});

test('paint times are kept for the last 256 frames only', async () => {
  const { compositor } = compose(4, 1);
  for (let i = 1; i <= 300; i++) {
    compositor.invalidate();
    await until(() => compositor.stats.frames === i);
  }
  assert.equal(compositor.stats.paintMs.length, 256);
});

test('while paused nothing is painted, and afterwards everything is', async () => {
  const { compositor, screen, draw } = compose(10, 1);
  draw({ base: 'before', surfaces: [], overlay: null });
  await until(() => compositor.stats.frames === 1);
  compositor.pause();
  const { written } = screen;
  draw({ base: 'after ', surfaces: [], overlay: null });
  compositor.key();
  compositor.repaint();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(screen.written, written);
  compositor.resume();
  await until(() => compositor.stats.frames === 2);
  await screen.settled();
  assert.match(screen.lines()[0] ?? '', /^after /);
});

test('fifteen live panes at 200 by 50 are painted in a few milliseconds', async () => {
  // Processor time of this thread, from the asking for the scene to the sending of the frame: other work on the machine does not count.
  const costs: number[] = [];
  let begun = process.threadCpuUsage();
  const writer = new Writer((bytes, offset, done) => {
    const { user, system } = process.threadCpuUsage(begun);
    costs.push((user + system) / 1000);
    done(null, bytes.length - offset);
  });
  const words =
    'read src/store.ts edit patch bash npm test ok fail 日本語 retry tokens ✓ plan review 🚀 merge commit'.split(' ');
  let count = 0;
  const line = () =>
    `${++count} ${Array.from({ length: 8 }, (_, i) => words[(count * 7 + i * 3) % words.length]).join(' ')}`;
  const panes = Array.from({ length: 15 }, (_, i) => ({
    name: `ci-fix-${i}`,
    lines: Array.from({ length: 14 }, line),
    box: { x: (i % 5) * 40 + 1, y: Math.floor(i / 5) * 16 + 1, width: 38, height: 14 },
  }));
  const base = new Cells(200, 50);
  const surfaces = panes.map(
    ({ name, lines, box }): PlacedSurface => ({
      rect: box,
      clip: box,
      overlay: null,
      paint: (canvas) => {
        const x = canvas.line(0, 0, [
          { text: `● ${name} `, style: { bold: true } },
          { text: '████░░░░░░', style: { fg: 'green' } },
        ]);
        canvas.text(x, 0, ' 182k/400k', { dim: true });
        for (const [y, text] of lines.slice(-(canvas.height - 1)).entries()) canvas.text(0, y + 1, text);
      },
    }),
  );
  const scene = () => {
    begun = process.threadCpuUsage();
    return { base, surfaces, overlays: [] };
  };
  const compositor = new Compositor(200, 50, styles, writer, scene, UNHURRIED);
  for (let frame = 1; frame <= 120; frame++) {
    for (const pane of panes) {
      pane.lines.shift();
      pane.lines.push(line());
    }
    compositor.invalidate();
    await until(() => compositor.stats.frames === frame);
  }
  // The mean: where the kernel counts in ticks, one paint is 0 ms or 4 ms, and only many are a measurement.
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  const wall = compositor.stats.paintMs.toSorted((a, b) => a - b)[60] ?? Number.NaN;
  const kib = compositor.stats.bytes / costs.length / 1024;
  console.log(
    `paint: ${mean.toFixed(2)} ms of processor, median ${wall.toFixed(2)} ms of time, ${kib.toFixed(1)} KiB a frame`,
  );
  assert.equal(costs.length, 120);
  assert.ok(mean < 8, `${mean} ms`);
});
