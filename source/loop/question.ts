/** Questions of agents: which come through a tool of ours (the answer goes back the same way, never into the agent's stdin), and the answers that one key can give. */
import type { Hold } from './state.ts';
import { sanitize } from './text.ts';

const BY_TOOL = 'tool:';

/** The id of such a question in events and holds. @param ask the agent's own id for it */
export const askByTool = (ask: string): string => `${BY_TOOL}${ask}`;

export const isByTool = (
  hold: Hold | null,
): hold is Extract<Hold, { kind: 'waiting' }> & { readonly ask: `${typeof BY_TOOL}${string}` } =>
  hold?.kind === 'waiting' && hold.ask.startsWith(BY_TOOL);

/** One of the answers that the operator is offered, by its number from 1. */
export interface Choice {
  /** One clean line. */
  readonly label: string;
  /** What the agent is told. */
  readonly answer: string;
}

/** One a digit. */
const MOST = 9;

/** `1) `, `2. `, `(3) ` before a word, at the beginning or after a space: what stands between two of them is an answer. */
const NUMBER = /(?:^|[\s,;:])\(?([1-9])[).]\s+/g;
const YES_NO = /\b(?:y\/n|yes\/no|yes or no)\b[\])]?\s*[?:.]?\s*$/i;
/** Also of a question that is all digits and dots, no more than this is looked at. */
const READ = 4000;

/** What can be answered with one digit; empty where only words will do. The agent's own list goes before what its words look like. */
export function choicesOf(hold: Hold | null): readonly Choice[] {
  if (hold?.kind !== 'waiting') return [];
  if (hold.options !== undefined) return hold.options.slice(0, MOST).map((answer) => ({ label: line(answer), answer }));
  const numbered = numberedIn(hold.question.slice(0, READ));
  // With its number: `reply with 1 or 2` is answered by it, and so is a question of words.
  if (numbered.length >= 2) return numbered.map((words, at) => ({ label: words, answer: `${at + 1}) ${words}` }));
  return YES_NO.test(hold.question) ? ['yes', 'no'].map((answer) => ({ label: answer, answer })) : [];
}

/** The operator's words, or the answer that they name by its number alone. */
export function answerIn(hold: Hold | null, text: string): string {
  const words = text.trim();
  return /^[1-9]$/.test(words) ? (choicesOf(hold)[Number(words) - 1]?.answer ?? words) : words;
}

/** The texts behind 1, 2, 3 … as far as they follow on one another. */
function numberedIn(question: string): string[] {
  const marks: { readonly at: number; readonly end: number }[] = [];
  for (const match of question.matchAll(NUMBER)) {
    if (Number(match[1]) !== marks.length + 1) continue;
    marks.push({ at: match.index, end: match.index + match[0].length });
  }
  const words = marks.map(({ end }, index) => line(question.slice(end, marks[index + 1]?.at)));
  return words.every((each) => each !== '') ? words : [];
}

const line = (text: string): string =>
  sanitize(text.replace(/[\r\n]+/g, ' '))
    .trim()
    .replace(/[,;]$/, '')
    .slice(0, 200)
    .toWellFormed();
