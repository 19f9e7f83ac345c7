/** A text that has fallen into saying the same words over and over. Nothing that is said to a model in that state helps. */
import { CHANTED } from '../chants.ts';
import type { Rule } from '../rule.ts';

export const chant: Rule = {
  name: 'chant',
  usual: { warn: null, nudge: null, after: CHANTED },
  remedy: 'end-pass',
  count: ({ stuck: { watch } }) => watch.chant,
  words: ({ stuck: { watch } }) => `says the same words ${watch.chant} times on end`,
  advice: 'The agent before you fell into repeating itself and was stopped in the middle.',
};
