/**
 * Puts the screen together and decides when: the base (what Ink drew), then the surfaces, then the overlays, into one grid of cells; the
 * difference to what the terminal shows goes out as one frame. It knows neither React nor what a painter paints.
 */
import { type Canvas, CellCanvas } from './canvas.ts';
import { Cells, type Rect } from './cells.ts';
import { PaintClock, type Rates } from './clock.ts';
import { diff } from './diff.ts';
import type { Styles } from './style.ts';
import type { Writer } from './writer.ts';

/** A box of the screen that a painter fills anew for each frame. */
export interface PlacedSurface {
  readonly rect: Rect;
  /** The part of it that shows. */
  readonly clip: Rect;
  /** The overlay that it lies in, null when in none. */
  readonly overlay: PlacedOverlay | null;
  readonly paint: (canvas: Canvas) => void;
}

/** A box of the base that lies above the surfaces. */
export interface PlacedOverlay {
  readonly rect: Rect;
}

/** What is to be drawn. */
export interface Scene {
  readonly base: Cells;
  readonly surfaces: Iterable<PlacedSurface>;
  /** The undermost first. */
  readonly overlays: Iterable<PlacedOverlay>;
}

/** What drawing has cost. */
export interface PaintStats {
  readonly frames: number;
  readonly bytes: number;
  /** Frames not painted because the terminal had not yet taken the one before. */
  readonly dropped: number;
  /** Milliseconds of the last 256 paints at most, in no order. */
  readonly paintMs: readonly number[];
}

const KEPT_PAINTS = 256;
const BEGIN_SYNC = '\x1b[?2026h';
const END_SYNC = '\x1b[?2026l';

/** What is said to the terminal besides what is drawn. */
export type Message = 'title' | 'bell' | 'notice' | 'clipboard';

/** The painter of one screen. */
export class Compositor {
  readonly #styles: Styles;
  readonly #writer: Writer;
  readonly #scene: () => Scene;
  readonly #clock: PaintClock;
  readonly #paintMs: number[] = [];
  #next: Cells;
  #shown: Cells;
  /** Whether the terminal still shows `#shown`. */
  #known = false;
  #paused = false;
  #dropping = false;
  readonly #messages = new Map<Message, string>();
  #frames = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(width: number, height: number, styles: Styles, writer: Writer, scene: () => Scene, rates?: Rates) {
    this.#clock = new PaintClock(() => this.#paint(), rates);
    this.#styles = styles;
    this.#writer = writer;
    this.#scene = scene;
    this.#next = new Cells(width, height);
    this.#shown = new Cells(width, height);
    writer.onIdle = () => {
      if (!this.#dropping) return;
      this.#dropping = false;
      this.#clock.invalidate();
    };
  }

  get stats(): PaintStats {
    return { frames: this.#frames, bytes: this.#bytes, dropped: this.#dropped, paintMs: [...this.#paintMs] };
  }

  /** Something to be seen has changed: paints within a tenth of a second, or at once when it answers a key. */
  invalidate(): void {
    if (!this.#paused) this.#clock.invalidate();
  }

  /** A key was pressed: what changes in the next tenth of a second is its answer and is painted at once. */
  key(): void {
    if (!this.#paused) this.#clock.key();
  }

  /** Sends every cell again at once: after a resize, or when something else wrote on the terminal. */
  repaint(): void {
    this.#known = false;
    if (!this.#paused) this.#clock.now();
  }

  /** The screen has a new size, in cells, both at least 1. */
  resize(width: number, height: number): void {
    this.#next = new Cells(width, height);
    this.#shown = new Cells(width, height);
    this.repaint();
  }

  /** Sends an escape sequence along with the next frame; a later one of the same kind takes its place until then. */
  say(kind: Message, sequence: string): void {
    this.#messages.set(kind, sequence);
    this.invalidate();
  }

  /** Paints nothing until `resume`: the terminal is somebody else's. */
  pause(): void {
    this.#paused = true;
    this.#clock.stop();
  }

  /** Paints everything. */
  resume(): void {
    this.#paused = false;
    this.repaint();
  }

  #paint(): void {
    if (this.#paused) return;
    if (this.#writer.busy) {
      this.#dropping = true;
      this.#dropped++;
      return;
    }
    const started = performance.now();
    this.#compose(this.#scene());
    const changes = diff(this.#known ? this.#shown : null, this.#next, this.#styles);
    const frame = [...this.#messages.values()].join('') + (changes && BEGIN_SYNC + changes + END_SYNC);
    this.#messages.clear();
    [this.#next, this.#shown] = [this.#shown, this.#next];
    this.#known = true;
    this.#frames++;
    this.#bytes += Buffer.byteLength(frame);
    this.#paintMs[(this.#frames - 1) % KEPT_PAINTS] = performance.now() - started;
    if (frame) this.#writer.send(frame);
  }

  #compose({ base, surfaces, overlays }: Scene): void {
    const cells = this.#next;
    const whole = { x: 0, y: 0, width: cells.width, height: cells.height };
    const above = new Map<PlacedOverlay, PlacedSurface[]>();
    if (base.width === cells.width && base.height === cells.height) cells.copy(base, whole);
    else cells.clear();
    for (const surface of surfaces) {
      if (surface.overlay === null) this.#paintSurface(surface);
      else above.set(surface.overlay, [...(above.get(surface.overlay) ?? []), surface]);
    }
    for (const overlay of overlays) {
      if (base.width === cells.width && base.height === cells.height) cells.copy(base, overlay.rect);
      for (const surface of above.get(overlay) ?? []) this.#paintSurface(surface);
    }
  }

  #paintSurface({ rect, clip, paint }: PlacedSurface): void {
    if (rect.width <= 0 || rect.height <= 0) return;
    paint(new CellCanvas(this.#next, this.#styles, rect, clip));
  }
}
