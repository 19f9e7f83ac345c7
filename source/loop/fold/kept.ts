/** What it makes of a run that its best pass was brought back: the operator sees it, and the next maker is told. */
import type { RunEvent } from '../event.ts';
import { bestWords } from '../keep-best.ts';
import type { RunState } from '../state.ts';
import { traced, withNote } from './steps.ts';

export function withBestKept(run: RunState, event: Extract<RunEvent, { type: 'best-kept' }>, at: number): RunState {
  const { gate, pass, score, after, commit, detail } = event;
  const kept: RunState = { ...run, kept: { gate, pass, score, after, commit }, commit: commit ?? run.commit };
  if (commit === null) return traced(kept, at, 'system', `${bestWords(event)} could not be brought back: ${detail}`);
  const words = `${bestWords(event)}, is on ${run.branch} again: ${commit.slice(0, 8)}`;
  if (run.status.tag === 'ended' || pass === after) return traced(kept, at, 'system', words);
  const told = `The worktree is as it was after ${bestWords(event)}: what came later was no better and is only in the history of this branch.`;
  return withNote(traced(kept, at, 'system', words), `kept-${pass}-${after}`, told, 'looptop', at);
}
