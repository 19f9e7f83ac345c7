/** Runs by name, as the title of a dialog has them. */
import type { RunState } from '../../loop/state.ts';

/** Up to three by name, more by their number. */
export const names = (runs: readonly RunState[]): string =>
  runs.length <= 3
    ? runs.map(({ id }) => id).join(', ')
    : `${runs.length} runs (${runs
        .slice(0, 2)
        .map(({ id }) => id)
        .join(', ')} …)`;
