/** The same call with the same answer, again and again. OpenHands stops at 4, others at 3 to 5; an edit or another file in between is progress. */
import type { Rule } from '../rule.ts';

/** Where the call waits for something, so many are counted as one. */
export const PATIENCE = 3;

export const repeat: Rule = {
  name: 'repeat',
  usual: { warn: null, nudge: 3, after: 4 },
  remedy: 'climb',
  count: ({ stuck: { watch } }) => (watch.waits ? Math.floor(watch.repeats / PATIENCE) : watch.repeats),
  words: ({ stuck: { watch }, calls }) =>
    `the same call with the same result ${watch.repeats} times in a row: ${calls.at(-1)?.label ?? ''}`,
  advice: 'It will not change by asking again. Name the assumption behind it that is wrong, then try something else.',
};
