/** The boxes of an Ink tree that do not lie flat: surfaces, which a painter fills, and overlays, which lie above them. */
import { Box, type BoxProps, type DOMElement, measureElement } from 'ink';
import { createContext, type PropsWithChildren, type ReactNode, use, useLayoutEffect, useRef } from 'react';
import type { Canvas } from './canvas.ts';
import { intersect, type Rect } from './cells.ts';
import type { PlacedOverlay, PlacedSurface } from './compositor.ts';

const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 };

interface MountedOverlay extends PlacedOverlay {
  rect: Rect;
  readonly node: DOMElement;
}

interface MountedSurface {
  rect: Rect;
  clip: Rect;
  paint: (canvas: Canvas) => void;
  readonly overlay: { current: PlacedOverlay | null } | null;
  readonly node: DOMElement;
}

/** The surfaces and overlays that are mounted, and where Ink's last layout put them. */
export class Layers {
  readonly #surfaces = new Set<MountedSurface>();
  #overlays: MountedOverlay[] = [];
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get surfaces(): PlacedSurface[] {
    return [...this.#surfaces].map(({ rect, clip, paint, overlay }) => ({
      rect,
      clip,
      paint,
      overlay: overlay?.current ?? null,
    }));
  }

  get overlays(): readonly PlacedOverlay[] {
    return this.#overlays;
  }

  /** Reads every box's place from the layout that was just made. */
  measure(): void {
    for (const surface of this.#surfaces) this.#place(surface);
    for (const overlay of this.#overlays) overlay.rect = rectOf(overlay.node);
  }

  addSurface(surface: MountedSurface): () => void {
    this.#surfaces.add(surface);
    this.#place(surface);
    this.#changed();
    return () => {
      this.#surfaces.delete(surface);
      this.#changed();
    };
  }

  addOverlay(overlay: MountedOverlay): () => void {
    overlay.rect = rectOf(overlay.node);
    this.#overlays = [...this.#overlays, overlay].sort((a, b) => compareOrder(a.node, b.node));
    this.#changed();
    return () => {
      this.#overlays = this.#overlays.filter((other) => other !== overlay);
      this.#changed();
    };
  }

  #place(surface: MountedSurface): void {
    surface.rect = rectOf(surface.node);
    surface.clip = visiblePart(surface.node, surface.rect);
  }
}

function rectOf(node: DOMElement): Rect {
  const { x, y, width, height } = measureElement(node);
  return { x, y, width, height };
}

/** What the boxes around a node that hide their overflow leave of it. */
function visiblePart(node: DOMElement, rect: Rect): Rect {
  let visible = rect;
  for (let box = node.parentNode; box; box = box.parentNode) {
    const { overflowX, overflowY } = box.style;
    if (overflowX !== 'hidden' && overflowY !== 'hidden') continue;
    const { x, y, width, height } = rectOf(box);
    visible = intersect(visible, {
      ...(overflowX === 'hidden' ? { x, width } : { x: visible.x, width: visible.width }),
      ...(overflowY === 'hidden' ? { y, height } : { y: visible.y, height: visible.height }),
    });
  }
  return visible;
}

/** Ink draws in the order of the tree, later over earlier. */
function compareOrder(a: DOMElement, b: DOMElement): number {
  const [pathA, pathB] = [pathOf(a), pathOf(b)];
  const fork = pathA.findIndex((step, i) => step !== pathB[i]);
  return fork < 0 ? -1 : (pathA[fork] ?? 0) - (pathB[fork] ?? -1);
}

function pathOf(node: DOMElement): number[] {
  const path: number[] = [];
  for (let at = node; at.parentNode; at = at.parentNode) path.unshift(at.parentNode.childNodes.indexOf(at));
  return path;
}

export const LayersContext = createContext<Layers | null>(null);
const OverlayContext = createContext<{ current: PlacedOverlay | null } | null>(null);

/** Props of a box, and what fills it. */
export interface SurfaceProps extends BoxProps {
  /** Says which surface this is when an error has to name it. */
  readonly id: string;
  /** Fills the box, at every frame, from plain data; called outside React. */
  readonly paint: (canvas: Canvas) => void;
}

/** A box that a painter fills. It grows to what room there is unless told otherwise. */
export function Surface({ id, paint, ...box }: SurfaceProps): ReactNode {
  const layers = useLayers(`surface ${id}`);
  const overlay = use(OverlayContext);
  const ref = useRef<DOMElement>(null);
  const mounted = useRef<MountedSurface>(null);
  useLayoutEffect(() => {
    const node = ref.current;
    if (!node) return;
    const surface: MountedSurface = { rect: NOWHERE, clip: NOWHERE, paint: () => {}, overlay, node };
    mounted.current = surface;
    return layers.addSurface(surface);
  }, [layers, overlay]);
  useLayoutEffect(() => {
    if (mounted.current) mounted.current.paint = paint;
  });
  return <Box flexGrow={1} flexShrink={1} {...box} ref={ref} />;
}

/** A box above all surfaces and above overlays that come earlier in the tree; nothing shows through it. */
export function Overlay({ children, ...box }: PropsWithChildren<BoxProps>): ReactNode {
  const layers = useLayers('an overlay');
  const ref = useRef<DOMElement>(null);
  const placed = useRef<PlacedOverlay>(null);
  useLayoutEffect(() => {
    const node = ref.current;
    if (!node) return;
    const overlay: MountedOverlay = { rect: NOWHERE, node };
    placed.current = overlay;
    return layers.addOverlay(overlay);
  }, [layers]);
  // Ink blanks a box that has a background, and draws nothing for the name of a colour that it does not know.
  return (
    <Box position="absolute" backgroundColor="opaque" {...box} ref={ref}>
      <OverlayContext value={placed}>{children}</OverlayContext>
    </Box>
  );
}

function useLayers(who: string): Layers {
  const layers = use(LayersContext);
  if (!layers) throw new Error(`${who} is drawn outside of mount()`);
  return layers;
}
