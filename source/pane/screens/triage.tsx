/** The Triage view: what was found, how sure that is, and what it would start. */
import type { ReactNode } from 'react';
import { Surface } from '../compositor/index.ts';
import { usePaintRows } from '../parts/rows.tsx';
import { triageScreen } from '../present/triage.ts';
import { usePaneStore } from '../use-pane.ts';

export function TriageScreen(): ReactNode {
  const store = usePaneStore();
  const paintRows = usePaintRows();
  return (
    <Surface
      id="triage"
      paint={(canvas) => {
        const { fleet, view, now } = store.getState();
        paintRows(canvas, triageScreen(fleet, { hit: view.hit, now }, canvas.width, canvas.height));
      }}
    />
  );
}
