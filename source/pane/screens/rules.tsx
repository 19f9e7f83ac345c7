/** The Rules view: what the loops have learned, from what, and whether it helped. */
import type { ReactNode } from 'react';
import { Surface } from '../compositor/index.ts';
import { usePaintRows } from '../parts/rows.tsx';
import { rulesScreen } from '../present/rules.ts';
import { usePaneStore } from '../use-pane.ts';

export function RulesScreen(): ReactNode {
  const store = usePaneStore();
  const paintRows = usePaintRows();
  return (
    <Surface
      id="rules"
      paint={(canvas) => {
        const { fleet, view, now } = store.getState();
        paintRows(canvas, rulesScreen(fleet, { rule: view.rule, now }, canvas.width, canvas.height));
      }}
    />
  );
}
