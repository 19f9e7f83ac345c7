/** The Fleet view: who needs you, then the runs, painted straight into cells. */
import type { ReactNode } from 'react';
import { Surface } from '../compositor/index.ts';
import { order } from '../order.ts';
import { Rows, usePaintRows } from '../parts/rows.tsx';
import { fleetRows } from '../present/fleet.ts';
import type { Line } from '../present/span.ts';
import type { PaneState } from '../store.ts';
import { usePane, usePaneStore } from '../use-pane.ts';
import { attentionLines, filterOf, legend } from '../view.ts';

export function FleetScreen(): ReactNode {
  const store = usePaneStore();
  const paintRows = usePaintRows();
  const columns = usePane((state) => state.columns);
  const attention = usePane(attentionLines);
  return (
    <>
      {attention.length > 0 && <Rows rows={attention} width={columns} />}
      <Surface
        id="fleet"
        paint={(canvas) => paintRows(canvas, rowsOf(store.getState(), canvas.width, canvas.height))}
      />
    </>
  );
}

function rowsOf(state: PaneState, columns: number, rows: number): readonly Line[] {
  const { fleet, view, now } = state;
  const filter = filterOf(view);
  const ordered = order(Object.values(fleet.runs), filter);
  const { cursor, picked } = view;
  return fleetRows(fleet, { ordered, cursor, picked, now, filter, legend: legend(state) }, columns, rows);
}
