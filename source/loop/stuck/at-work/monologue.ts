/** Responses that talk and do nothing (OpenHands: 3 messages without a tool; "continuing" turns without an edit, openai/codex 37800). */
import type { Rule } from '../rule.ts';

export const monologue: Rule = {
  name: 'monologue',
  usual: { warn: null, nudge: 3, after: 4 },
  remedy: 'end-pass',
  count: ({ stuck: { watch } }) => watch.messages,
  words: ({ stuck: { watch } }) => `${watch.messages} messages in a row without doing anything`,
  advice: 'Nothing happens by saying so. Call a tool, or end your turn: the gates judge what is in the worktree.',
};
