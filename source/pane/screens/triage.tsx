/** The Triage view: what was found, how sure that is, and what it would start. */
import type { ReactNode } from 'react';
import { Surface } from '../compositor/index.ts';
import { triageScreen } from '../present/triage.ts';
import { paintRows } from '../theme.ts';
import { usePaneStore } from '../use-pane.ts';

export function TriageScreen({ ascii }: { readonly ascii: boolean }): ReactNode {
  const store = usePaneStore();
  return (
    <Surface
      id="triage"
      paint={(canvas) => {
        const { fleet, view, now } = store.getState();
        paintRows(canvas, triageScreen(fleet, { hit: view.hit, now }, canvas.width, canvas.height), ascii);
      }}
    />
  );
}
