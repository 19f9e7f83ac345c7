/** Starts a loop: the list of loops, with the reason beside each that cannot run. */
import type { FleetState, LoopState } from '../../loop/state.ts';
import { loopProblem, loopRow } from '../present/fleet.ts';
import { key } from '../present/run-words.ts';
import { clipLine, type Line, span } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, refuse, send, stay } from './answer.ts';
import { moveChoice, windowOf } from './choice.ts';

export interface StartDialog {
  readonly kind: 'start';
  readonly choice: number;
}

/** With the cursor on the first loop that can run. */
export function openStart(fleet: FleetState): StartDialog {
  const at = startable(fleet).findIndex((loop) => loopProblem(loop) === null);
  return { kind: 'start', choice: Math.max(0, at) };
}

const startable = (fleet: FleetState): LoopState[] =>
  Object.values(fleet.loops).sort((a, b) => (a.name < b.name ? -1 : 1));

export function stepStart(dialog: StartDialog, press: Press, fleet: FleetState): Answer<StartDialog> {
  if (!('key' in press)) return stay(dialog);
  const loops = startable(fleet);
  if (press.key === 'esc' || press.key === 'q') return close;
  if (press.key === 'enter') {
    const loop = loops[dialog.choice];
    if (loop === undefined) return close;
    const problem = loopProblem(loop);
    if (problem !== null) return refuse(dialog, `${loop.name} is ${problem}.`);
    return send({ do: 'run', loop: loop.name });
  }
  return stay({ ...dialog, choice: moveChoice(dialog.choice, press.key, loops.length) });
}

export function drawStart(dialog: StartDialog, fleet: FleetState, room: number, rows: number): Drawn {
  const loops = startable(fleet);
  const from = windowOf(dialog.choice, loops.length, rows);
  const lines = loops.slice(from, from + rows).map((loop, at): Line => {
    const current = from + at === dialog.choice;
    return clipLine([span(current ? '▶ ' : '  ', 'picked'), ...loopRow(loop, 0)], room);
  });
  return {
    title: 'Start a loop',
    tone: 'picked',
    lines,
    keys: [...key('enter', 'start'), span('  '), ...key('esc', 'no')],
  };
}
