/** The Loop view: one run in full, painted straight into cells because its trace moves. */
import type { ReactNode } from 'react';
import { Surface } from '../compositor/index.ts';
import { usePaintRows } from '../parts/rows.tsx';
import { loopRows } from '../present/loop.ts';
import type { Line } from '../present/span.ts';
import type { PaneState } from '../store.ts';
import { usePaneStore } from '../use-pane.ts';
import { currentRun, loopLook } from '../view.ts';

export function LoopScreen(): ReactNode {
  const store = usePaneStore();
  const paintRows = usePaintRows();
  return (
    <Surface id="loop" paint={(canvas) => paintRows(canvas, rowsOf(store.getState(), canvas.width, canvas.height))} />
  );
}

function rowsOf(state: PaneState, columns: number, rows: number): readonly Line[] {
  const run = currentRun(state);
  if (run === null) return [];
  return loopRows(state.fleet, run, loopLook(state), columns, rows);
}
