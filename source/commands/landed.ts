/** Waits until a landing is decided, and says how with the exit code of it. */
import { pushFailure } from '../loop/landing/words.ts';
import { landedWords, reasonOf, stateWord } from '../loop/run-status.ts';
import type { Landed, RunState } from '../loop/state.ts';
import type { Fleet } from './connect.ts';

export interface CameOf {
  readonly words: string;
  readonly code: number;
  readonly landed: Landed | null;
}

/** Resolves when the run lands no more, whatever the reason; with code 1 when the supervisor goes before that. */
export async function whatCameOf(fleet: Fleet, run: string): Promise<CameOf> {
  const isOver = (): boolean => {
    const now = fleet.state.runs[run];
    return now === undefined || now.status.tag === 'ended' || now.landing === null;
  };
  const gone = await Promise.race([fleet.live.until(isOver).then(() => null), fleet.closed]);
  const now = fleet.state.runs[run];
  if (gone !== null || now === undefined)
    return { words: `${run} was still landing: ${gone ?? 'it is gone'}`, code: 1, landed: null };
  return outcomeOf(now);
}

function outcomeOf(run: RunState): CameOf {
  const { id, status } = run;
  if (status.tag === 'ended' && status.end.kind === 'landed') {
    const failed = pushFailure(run);
    const unpushed = failed === '' ? '' : `, but ${run.landing?.target} could not be pushed: ${failed}`;
    const words = `${id} landed ${landedWords(status.end)}`.trim();
    return { words: words + unpushed, code: unpushed === '' ? 0 : 1, landed: status.end.as ?? null };
  }
  const words = `${id} did not land, it is ${stateWord(run)}`;
  const why = run.unlanded?.why ?? (status.tag === 'open' ? lastWords(run) : reasonOf(run));
  // Red on the merged tree, or in conflict: as red as after a pass.
  const sentBack = status.tag === 'open' && status.phase !== 'review';
  return { words: why === '' ? words : `${words}: ${why}`, code: sentBack ? 3 : 1, landed: null };
}

const lastWords = (run: RunState): string =>
  run.trace.findLast(({ kind, text }) => kind === 'system' && text.startsWith('could not land'))?.text ?? reasonOf(run);
