/** The same call failing again and again, each time with other words. With the same words it is a `repeat`. */
import type { Rule } from '../rule.ts';
import { PATIENCE } from './repeat.ts';

export const repeatError: Rule = {
  name: 'repeat-error',
  usual: { warn: null, nudge: 3, after: 4 },
  remedy: 'climb',
  count({ stuck: { watch } }) {
    if (watch.errors <= watch.repeats) return 0;
    return watch.waits ? Math.floor(watch.errors / PATIENCE) : watch.errors;
  },
  words: ({ stuck: { watch }, calls }) =>
    `the same call failed ${watch.errors} times in a row: ${calls.at(-1)?.label ?? ''}`,
  advice: 'It will fail again. Read what it says, change what it complains of, and only then call it once more.',
};
