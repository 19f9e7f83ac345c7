/** The Review view: what is done and waits to be read, why it is believed done, and what it changes. */
import type { ReactNode } from 'react';
import { Surface } from '../compositor/index.ts';
import { reviewScreen } from '../review/screen.ts';
import { paintRows } from '../theme.ts';
import { usePaneStore } from '../use-pane.ts';

export function ReviewScreen({ ascii }: { readonly ascii: boolean }): ReactNode {
  const store = usePaneStore();
  return (
    <Surface
      id="review"
      paint={(canvas) => {
        const { fleet, view, diffs, now } = store.getState();
        paintRows(canvas, reviewScreen(fleet, { ...view.review, diffs, now }, canvas.width, canvas.height), ascii);
      }}
    />
  );
}
