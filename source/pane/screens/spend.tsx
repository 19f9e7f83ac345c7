/** The Spend view: what it costs, how fast, and where it went. */
import type { ReactNode } from 'react';
import { Surface } from '../compositor/index.ts';
import { usePaintRows } from '../parts/rows.tsx';
import type { Line } from '../present/span.ts';
import { spendScreen } from '../present/spend.ts';
import type { PaneState } from '../store.ts';
import { usePaneStore } from '../use-pane.ts';

export function SpendScreen(): ReactNode {
  const store = usePaneStore();
  const paintRows = usePaintRows();
  return (
    <Surface id="spend" paint={(canvas) => paintRows(canvas, rowsOf(store.getState(), canvas.width, canvas.height))} />
  );
}

function rowsOf({ fleet, view, now }: PaneState, columns: number, rows: number): readonly Line[] {
  return spendScreen(fleet, { ...view.spend, scroll: view.scroll, now }, columns, rows);
}
