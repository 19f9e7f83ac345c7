/** The Fleet view: who needs you, then the runs, painted straight into cells. */
import type { ReactNode } from 'react';
import { Surface } from '../compositor/index.ts';
import { order } from '../order.ts';
import { Rows } from '../parts/rows.tsx';
import { fleetRows } from '../present/fleet.ts';
import type { Line } from '../present/span.ts';
import type { PaneState } from '../store.ts';
import { paintRows } from '../theme.ts';
import { usePane, usePaneStore } from '../use-pane.ts';
import { attentionLines, filterOf } from '../view.ts';

export function FleetScreen({ ascii }: { readonly ascii: boolean }): ReactNode {
  const store = usePaneStore();
  const columns = usePane((state) => state.columns);
  const attention = usePane(attentionLines);
  return (
    <>
      {attention.length > 0 && <Rows rows={attention} width={columns} />}
      <Surface
        id="fleet"
        paint={(canvas) => paintRows(canvas, rowsOf(store.getState(), canvas.width, canvas.height), ascii)}
      />
    </>
  );
}

function rowsOf({ fleet, view, now }: PaneState, columns: number, rows: number): readonly Line[] {
  const filter = filterOf(view);
  const ordered = order(Object.values(fleet.runs), filter);
  return fleetRows(fleet, { ordered, cursor: view.cursor, picked: view.picked, now, filter }, columns, rows);
}
