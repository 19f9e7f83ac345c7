/** Promotes a hit to another loop than the one suggested: the loops that could take it. */
import type { FleetState, Hit, LoopState } from '../../loop/state.ts';
import { takers, targetOf } from '../../loop/triage/promote.ts';
import { loopRow } from '../present/fleet.ts';
import { key } from '../present/run-words.ts';
import { clipLine, type Line, line, span } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, refuse, send, stay } from './answer.ts';
import { moveChoice, windowOf } from './choice.ts';

export interface PromoteDialog {
  readonly kind: 'promote';
  readonly hit: string;
  readonly choice: number;
}

/** With the cursor on the loop that would take it anyway. */
export function openPromote(fleet: FleetState, hit: Hit): PromoteDialog {
  const usual = targetOf(fleet, hit);
  const at = takers(fleet).findIndex(({ name }) => name === usual);
  return { kind: 'promote', hit: hit.id, choice: Math.max(0, at) };
}

const loopsFor = (fleet: FleetState, id: string): readonly LoopState[] => {
  const hit = fleet.hits[id];
  return hit === undefined ? [] : takers(fleet);
};

export function stepPromote(dialog: PromoteDialog, press: Press, fleet: FleetState): Answer<PromoteDialog> {
  if (!('key' in press)) return stay(dialog);
  const loops = loopsFor(fleet, dialog.hit);
  if (press.key === 'esc' || press.key === 'q') return close;
  if (press.key === 'enter') {
    const loop = loops[dialog.choice];
    if (loop === undefined) return refuse(dialog, 'There is no loop that could take it: looptop init writes one.');
    return send({ do: 'promote', hit: dialog.hit, to: loop.name });
  }
  return stay({ ...dialog, choice: moveChoice(dialog.choice, press.key, loops.length) });
}

export function drawPromote(dialog: PromoteDialog, fleet: FleetState, room: number, rows: number): Drawn {
  const loops = loopsFor(fleet, dialog.hit);
  const from = windowOf(dialog.choice, loops.length, rows);
  const lines = loops.slice(from, from + rows).map((loop, at): Line => {
    const current = from + at === dialog.choice;
    return clipLine([span(current ? '▶ ' : '  ', 'picked'), ...loopRow(loop, 0)], room);
  });
  return {
    title: `Promote ${dialog.hit} to`,
    tone: 'picked',
    lines: lines.length > 0 ? lines : [line('No trusted loop could take it.', 'faint')],
    keys: [...key('enter', 'promote'), span('  '), ...key('esc', 'no')],
  };
}
