/** The Loop view: one run in full, painted straight into cells because its trace moves. */
import type { ReactNode } from 'react';
import { Surface } from '../compositor/index.ts';
import { loopRows } from '../present/loop.ts';
import type { Line } from '../present/span.ts';
import type { PaneState } from '../store.ts';
import { paintRows } from '../theme.ts';
import { usePaneStore } from '../use-pane.ts';
import { currentRun } from '../view.ts';

export function LoopScreen({ ascii }: { readonly ascii: boolean }): ReactNode {
  const store = usePaneStore();
  return (
    <Surface
      id="loop"
      paint={(canvas) => paintRows(canvas, rowsOf(store.getState(), canvas.width, canvas.height), ascii)}
    />
  );
}

function rowsOf(state: PaneState, columns: number, rows: number): readonly Line[] {
  const run = currentRun(state);
  if (run === null) return [];
  const { tab, pass, scroll } = state.view;
  return loopRows(state.fleet, run, { tab, pass, scroll, now: state.now }, columns, rows);
}
