/** Asks before something is lost. Says what is lost and what is kept; the default, Enter and Esc all mean No. */
import { askedGate } from '../../loop/approval.ts';
import type { Command } from '../../loop/command.ts';
import { agentIsAlive, isLanding } from '../../loop/run-status.ts';
import type { Rule, RunState } from '../../loop/state.ts';
import { formatTokens } from '../../loop/units.ts';
import { oneLine } from '../present/clean.ts';
import { freshOf, usd } from '../present/meter.ts';
import { key } from '../present/run-words.ts';
import { type Line, line, span, wrap } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, send, stay } from './answer.ts';
import { names } from './names.ts';

export interface ConfirmDialog {
  readonly kind: 'confirm';
  readonly title: string;
  readonly lines: readonly string[];
  /** The word for Yes: `kill`. */
  readonly yes: string;
  readonly tone: 'bad' | 'warn';
  readonly commands: readonly Command[];
}

/** Ends the pass politely; a run that stands still already, or waits to be read, is ended for good; one that lands does not land. */
export function confirmStop(runs: readonly RunState[]): ConfirmDialog {
  if (runs.length > 0 && runs.every(isLanding)) return confirmWithdrawal(runs);
  if (runs.length > 0 && runs.every((run) => askedGate(run) !== null)) return confirmRefusal(runs);
  const ending = runs.filter((run) => !isAtWork(run));
  const all = ending.length === runs.length;
  const lines = all
    ? ['Nothing of it is at work: this ends it for good.', `Kept: ${kept(runs)}.`, 'Lost: it cannot be resumed.']
    : [
        'The agent is asked to end its turn; p goes on from there.',
        ...(ending.length > 0 ? [`Ended for good, as nothing of it is at work: ${names(ending)}.`] : []),
        `Kept: ${kept(runs)}.`,
        'Lost: the response in flight.',
      ];
  return {
    kind: 'confirm',
    title: `${all ? 'End' : 'Stop'} ${names(runs)}?`,
    lines,
    yes: all ? 'end' : 'stop',
    tone: 'warn',
    commands: runs.map(({ id }) => ({ do: 'stop', run: id })),
  };
}

/** A No to the gate that asks: its maker goes on from that. */
const confirmRefusal = (runs: readonly RunState[]): ConfirmDialog => ({
  kind: 'confirm',
  title: `Refuse ${names(runs)}?`,
  lines: [
    ...runs.flatMap((run) => askedGate(run)?.question ?? []),
    'Its gate is red then, and the maker begins the next pass; a note (n) tells it why.',
  ],
  yes: 'refuse',
  tone: 'warn',
  commands: runs.map(({ id }) => ({ do: 'stop', run: id })),
});

const confirmWithdrawal = (runs: readonly RunState[]): ConfirmDialog => ({
  kind: 'confirm',
  title: `Take back the landing of ${names(runs)}?`,
  lines: ['Nothing has moved yet. It waits in review as before; L lands it later.'],
  yes: 'take back',
  tone: 'warn',
  commands: runs.map(({ id }) => ({ do: 'stop', run: id })),
});

/** Ends the whole process tree at once. */
export function confirmKill(runs: readonly RunState[]): ConfirmDialog {
  const alive = runs.filter(agentIsAlive).length;
  const ends =
    alive === 0
      ? 'Nothing of it is alive; the run is ended.'
      : alive === 1
        ? '1 agent and every process it started end at once.'
        : `${alive} agents and every process they started end at once.`;
  return {
    kind: 'confirm',
    title: `Kill ${names(runs)} now?`,
    lines: [
      ends,
      `Kept: ${kept(runs)}.`,
      alive === 0 ? 'Lost: the run cannot be resumed.' : 'Lost: the response in flight. The run cannot be resumed.',
    ],
    yes: 'kill',
    tone: 'bad',
    commands: runs.map(({ id }) => ({ do: 'kill', run: id })),
  };
}

/** Struck out, not deleted: the line stays in the file, and no pass is told it any more. */
export const confirmRetire = ({ id, text, helped, hurt }: Rule): ConfirmDialog => ({
  kind: 'confirm',
  title: `Retire ${id}?`,
  lines: [
    oneLine(text),
    `Its failure stayed away ${helped} times and came back ${hurt} times.`,
    'Kept: its line in RULES.md, struck through. No later pass is told it.',
  ],
  yes: 'retire',
  tone: 'warn',
  commands: [{ do: 'rule-retire', id }],
});

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
  const lines: Line[] = dialog.lines.flatMap((text) => wrap(oneLine(text), room).map((row) => line(row)));
  return {
    title: dialog.title,
    tone: dialog.tone,
    lines,
    keys: [...key('y', dialog.yes), span('   '), span('[N]', 'key'), span(' no', 'faint')],
  };
}

/** Stopping it leaves something to resume: its agent lives, or it goes on by itself. */
const isAtWork = (run: RunState): boolean =>
  agentIsAlive(run) ||
  isLanding(run) ||
  (run.status.tag === 'open' && run.status.hold === null && run.status.phase !== 'review');

function kept(runs: readonly RunState[]): string {
  const [first] = runs;
  if (first === undefined || runs.length > 1) return 'the worktrees with all they hold';
  const worktree = first.worktree === null ? '' : 'the worktree with all it holds, ';
  return `${worktree}branch ${first.branch}. Spent so far: ${formatTokens(freshOf(first))} tokens, ${usd(first.meter.total)}`;
}
