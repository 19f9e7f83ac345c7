/** Asks before finished work lands or is thrown away: says on what it lands, how, and what happens before. No by default. */
import { usualWay } from '../../loop/landing/answer-landing.ts';
import { queueFor } from '../../loop/landing/queue.ts';
import { targetOf } from '../../loop/landing/target.ts';
import { howWords } from '../../loop/landing/words.ts';
import { debtWords, known } from '../../loop/review/owed.ts';
import type { FleetState, RunState } from '../../loop/state.ts';
import type { ConfirmDialog } from './confirm.ts';
import { names } from './names.ts';

export function confirmLand(fleet: FleetState, runs: readonly RunState[]): ConfirmDialog {
  const ways = new Set(
    runs.map((run) => howWords({ how: usualWay(fleet, run), target: targetOf(fleet, run) ?? 'no branch' })),
  );
  const before = new Set(runs.flatMap((run) => queueFor(fleet, targetOf(fleet, run) ?? ''))).size;
  const unread = runs.reduce((sum, run) => sum + known(fleet.reading.marks, run.review?.hunks ?? []).lines, 0);
  const asks = runs.flatMap(({ definition }) => definition.onSuccess.asks);
  const flags = runs.flatMap(({ id, passes }) =>
    (passes.at(-1)?.gates ?? []).flatMap((gate) => gate.flags.map((flag) => `${id}, ${gate.id}: ${flag}`)),
  );
  return {
    kind: 'confirm',
    title: `Land ${names(runs)}?`,
    lines: [
      `How: ${[...ways].join(', ')}.`,
      ...asks.map((question) => `You say yes to: ${question}`),
      ...flags.map((flag) => `Look at ${flag}.`),
      ...(unread > 0 ? [`Unread of it: ${debtWords(unread)}; you owe the reading once it has landed.`] : []),
      ...(before > 0 ? [`Before it: ${before} in the queue.`] : []),
      'First all gates run on the merged tree. In conflict, or red, it goes back to its maker.',
      'Your checkout follows where it shows the target; with changes in it nothing happens.',
    ],
    yes: 'land',
    tone: 'warn',
    commands: runs.map(({ id }) => ({ do: 'land', run: id })),
  };
}

export const confirmDiscard = (runs: readonly RunState[]): ConfirmDialog => ({
  kind: 'confirm',
  title: `Discard ${names(runs)}?`,
  lines: [
    'Lost: its worktree, now.',
    `Kept for a week: ${runs.length === 1 ? `branch ${runs[0]?.branch}` : 'the branches'}.`,
    'To have it done differently instead, send it back with a note: b.',
  ],
  yes: 'discard',
  tone: 'bad',
  commands: runs.map(({ id }) => ({ do: 'discard', run: id })),
});
