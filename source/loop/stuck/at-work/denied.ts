/** Calls that the agent is not allowed, one after the other. No model and no retry changes that: a person has to. */
import type { Rule } from '../rule.ts';

export const denied: Rule = {
  name: 'denied',
  usual: { warn: null, nudge: 2, after: 3 },
  remedy: 'ask',
  count: ({ stuck: { watch } }) => watch.denials,
  words: ({ stuck: { watch }, calls }) =>
    `was not allowed ${watch.denials} calls in a row, the last: ${calls.at(-1)?.label ?? ''}; allow it under agents.maker.tools, or tell it how to do without`,
  advice:
    'You will not be allowed to. Do it with the tools that you may use, or end your turn and say what you would need.',
};
