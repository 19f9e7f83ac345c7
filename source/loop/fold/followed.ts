/** A loop that the run's own file names for after it has been started, or cannot be. */
import type { RunEvent } from '../event.ts';
import type { RunState } from '../state.ts';
import { traced } from './steps.ts';

type Followed = Extract<RunEvent, { type: 'followed' }>;

export const withFollowed = (run: RunState, event: Followed, at: number): RunState =>
  run.followed.includes(event.loop)
    ? run
    : { ...traced(run, at, 'system', followedWords(event)), followed: [...run.followed, event.loop] };

export const followedWords = ({ loop, to, why }: Omit<Followed, 'run' | 'type'>): string =>
  to === null ? `${loop} is not started after it: ${why}` : `${to} is started after it`;
