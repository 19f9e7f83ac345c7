/** The same few calls with the same answers, round and round (gemini-cli: 5 rounds of 1 to 5 calls). Editing back and forth is one. */
import type { Rule } from '../rule.ts';
import { PATIENCE } from './repeat.ts';

export const cycle: Rule = {
  name: 'cycle',
  usual: { warn: null, nudge: 4, after: 5 },
  remedy: 'climb',
  count: ({ stuck: { watch } }) => (watch.waits ? Math.floor(watch.cycle.rounds / PATIENCE) : watch.cycle.rounds),
  words({ stuck: { watch } }) {
    const { rounds, labels } = watch.cycle;
    return `the same ${labels.length} calls ${rounds} times round: ${labels.map(short).join(', then ')}`;
  },
  advice:
    'You are back where you were each time. Say what each of the calls was to achieve and why it did not, then choose a third way.',
};

const short = (label: string): string => (label.length > 40 ? `${label.slice(0, 39)}…` : label);
