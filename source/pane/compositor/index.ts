/** What the pane draws with: everything of this folder that the rest of the pane may use. */
export type { Canvas, Span } from './canvas.ts';
export type { Rect } from './cells.ts';
export { COLOUR_NAMES, type Colour, type ColourLevel, colourLevel, shownAs } from './colour.ts';
export type { Compositor, PaintStats } from './compositor.ts';
export { type Mounted, type MountOptions, mount } from './ink-bridge.tsx';
export { type Key, type KeyName, splitKeys, useKeys } from './keys.ts';
export { Overlay, Surface, type SurfaceProps } from './layers.tsx';
export type { Style } from './style.ts';
export type { Input, Output } from './terminal.ts';
export { widthOf } from './width.ts';
