/** Asks before something is lost. Says what is lost and what is kept; the default, Enter and Esc all mean No. */
import type { Command } from '../../loop/command.ts';
import type { RunState } from '../../loop/state.ts';
import { formatTokens } from '../../loop/units.ts';
import { freshOf, usd } from '../present/meter.ts';
import { key } from '../present/run-words.ts';
import { type Line, line, span, wrap } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, send, stay } from './answer.ts';

export interface ConfirmDialog {
  readonly kind: 'confirm';
  readonly title: string;
  readonly lines: readonly string[];
  /** The word for Yes: `kill`. */
  readonly yes: string;
  readonly tone: 'bad' | 'warn';
  readonly commands: readonly Command[];
}

/** Ends the pass politely, the work so far is kept. */
export function confirmStop(runs: readonly RunState[]): ConfirmDialog {
  return {
    kind: 'confirm',
    title: `Stop ${names(runs)}?`,
    lines: [
      'The agent is asked to end its turn; what does not end is ended.',
      `Kept: ${kept(runs)}.`,
      'Lost: the pass under way.',
    ],
    yes: 'stop',
    tone: 'warn',
    commands: runs.map(({ id }) => ({ do: 'stop', run: id })),
  };
}

/** Ends the whole process tree at once. */
export function confirmKill(runs: readonly RunState[]): ConfirmDialog {
  const alive = runs.filter(({ agent }) => agent?.fact.is === 'alive' || agent?.fact.is === 'frozen').length;
  const ends =
    alive === 0
      ? 'Nothing of it is alive; the run is ended.'
      : `${alive === 1 ? '1 agent' : `${alive} agents`} and every process it started ${alive === 1 ? 'ends' : 'end'} at once.`;
  return {
    kind: 'confirm',
    title: `Kill ${names(runs)} now?`,
    lines: [
      alive > 1 ? ends.replace('it started', 'they started') : ends,
      `Kept: ${kept(runs)}.`,
      alive === 0 ? 'Lost: the run cannot be resumed.' : 'Lost: the response in flight. The run cannot be resumed.',
    ],
    yes: 'kill',
    tone: 'bad',
    commands: runs.map(({ id }) => ({ do: 'kill', run: id })),
  };
}

/** `y` does it; Enter, Esc and `n` do not; nothing else does anything. */
export function stepConfirm(dialog: ConfirmDialog, press: Press): Answer<ConfirmDialog> {
  if (!('key' in press)) return stay(dialog);
  switch (press.key) {
    case 'y':
    case 'Y':
      return send(...dialog.commands);
    case 'n':
    case 'N':
    case 'enter':
    case 'esc':
    case 'q':
      return close;
    default:
      return stay(dialog);
  }
}

export function drawConfirm(dialog: ConfirmDialog, room: number): Drawn {
  const lines: Line[] = dialog.lines.flatMap((text) => wrap(text, room).map((row) => line(row)));
  return {
    title: dialog.title,
    tone: dialog.tone,
    lines,
    keys: [...key('y', dialog.yes), span('   '), span('[N]', 'key'), span(' no', 'faint')],
  };
}

const names = (runs: readonly RunState[]): string =>
  runs.length <= 3
    ? runs.map(({ id }) => id).join(', ')
    : `${runs.length} runs (${runs
        .slice(0, 2)
        .map(({ id }) => id)
        .join(', ')} …)`;

function kept(runs: readonly RunState[]): string {
  const [first] = runs;
  if (first === undefined || runs.length > 1) return 'the worktrees with all they hold';
  const worktree = first.worktree === null ? '' : 'the worktree with all it holds, ';
  return `${worktree}branch ${first.branch}. Spent so far: ${formatTokens(freshOf(first))} tokens, ${usd(first.meter.total)}`;
}
