/**
 * The open dialog on the screen: an overlay in the middle, above the live panes. Ink only places it; its rows are painted as those of the
 * panes are, because forty rows of text cost Ink 20 ms at 200x50, and that is how late the help came after its key.
 */
import type { ReactNode } from 'react';
import { Overlay, Surface } from '../compositor/index.ts';
import { drawPalette } from '../palette/draw.ts';
import { usePaintRows } from '../parts/rows.tsx';
import type { PaneState } from '../store.ts';
import { usePane, usePaneStore } from '../use-pane.ts';
import { frameDialog, framed, innerSize } from './dialog.ts';

export function Dialogs(): ReactNode {
  const store = usePaneStore();
  const paintRows = usePaintRows();
  const place = usePane((state) => {
    const dialog = shown(state);
    return dialog === null ? null : { width: dialog.width, height: dialog.lines.length };
  });
  const screen = usePane(({ columns, rows }) => ({ columns, rows }));
  if (place === null) return null;
  return (
    <Overlay
      marginLeft={Math.max(0, Math.floor((screen.columns - place.width) / 2))}
      // Above the middle: what it is about stays visible below, and the eye starts at the top.
      marginTop={Math.max(0, Math.floor((screen.rows - place.height) / 3))}
      width={place.width}
      height={place.height}
    >
      <Surface id="dialog" paint={(canvas) => paintRows(canvas, shown(store.getState())?.lines ?? [])} />
    </Overlay>
  );
}

function shown(state: PaneState) {
  const { palette } = state.view;
  if (palette !== null) {
    const { columns, rows } = innerSize(state);
    return framed(drawPalette(state, palette, columns, rows), state, true);
  }
  const dialog = state.view.dialogs.at(-1);
  return dialog === undefined ? null : frameDialog(dialog, state);
}
