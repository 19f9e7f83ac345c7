/** The open dialog on the screen: an overlay in the middle, above the live panes. */
import type { ReactNode } from 'react';
import { Overlay } from '../compositor/index.ts';
import { Rows } from '../parts/rows.tsx';
import { usePane } from '../use-pane.ts';
import { frameDialog } from './dialog.ts';

export function Dialogs(): ReactNode {
  const shown = usePane((state) => {
    const dialog = state.view.dialogs.at(-1);
    return dialog === undefined ? null : frameDialog(dialog, state);
  });
  const screen = usePane(({ columns, rows }) => ({ columns, rows }));
  if (shown === null) return null;
  return (
    <Overlay
      marginLeft={Math.max(0, Math.floor((screen.columns - shown.width) / 2))}
      // Above the middle: what it is about stays visible below, and the eye starts at the top.
      marginTop={Math.max(0, Math.floor((screen.rows - shown.lines.length) / 3))}
      width={shown.width}
      height={shown.lines.length}
    >
      <Rows rows={shown.lines} width={shown.width} />
    </Overlay>
  );
}
