/** Turns `on-success` of checked front matter, and the gates of landing, into what becomes of green work. */
import { defineGates } from './define-gates.ts';
import type { FrontMatter } from './schema/front-matter.ts';
import type { OnSuccess } from './success.ts';

export function onSuccess(front: FrontMatter): OnSuccess {
  const { push, pr, merge } = front['on-success'];
  const landing = defineGates(front).filter(({ when }) => when === 'merge');
  return {
    push,
    pr: pr === undefined ? null : { draft: pr.draft, labels: [...new Set(pr.labels)] },
    merge,
    gates: landing.filter((gate) => gate.type !== 'human'),
    asks: landing.flatMap((gate) => (gate.type === 'human' ? [gate.question] : [])),
  };
}
