/** What the mock provider plays for real CLIs: the steps that their scenarios have in common (fixtures/mock-llm/README.md). */

/** One response that runs a command, with the words before it. */
export const shell = (text: string, command: string) => ({ text, call: [{ shell: command }] });

export const FIX = shell('Now I fix it.', 'echo fixed > answer.txt');
export const DONE = { text: 'The answer is fixed.' };

/** So many different words: one word again and again is a model that is stuck, and its pass is ended for it. */
export const words = (count: number): string => Array.from({ length: count }, (_, n) => `word${n}`).join(' ');

/** A stream of `count` words that takes some 0.12 s for each. */
export const stream = (count: number) => ({ text: words(count), chunk: 10, chunkMs: 200 });
