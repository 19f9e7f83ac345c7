/** The Review view: what is done and waits to be read, why it is believed done, and what it changes. */
import type { ReactNode } from 'react';
import { Surface } from '../compositor/index.ts';
import { usePaintRows } from '../parts/rows.tsx';
import { reviewScreen } from '../review/screen.ts';
import { usePaneStore } from '../use-pane.ts';

export function ReviewScreen(): ReactNode {
  const store = usePaneStore();
  const paintRows = usePaintRows();
  return (
    <Surface
      id="review"
      paint={(canvas) => {
        const { fleet, view, diffs, now } = store.getState();
        paintRows(canvas, reviewScreen(fleet, { ...view.review, diffs, now }, canvas.width, canvas.height));
      }}
    />
  );
}
