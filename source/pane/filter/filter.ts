/** The filter's words: which runs fit what the operator typed. */
import { attention } from '../../loop/attention.ts';
import type { RunState } from '../../loop/state.ts';
import { statusWord } from '../../loop/status-word.ts';
import { fresh } from '../../loop/tokens.ts';

/** What may stand before a colon, and whether a run fits what stands behind it. */
export const WORDS = {
  state: (run: RunState, value: string) => statesOf(run).some((each) => each.includes(value)),
  loop: (run: RunState, value: string) => run.loop.toLowerCase().includes(value),
  engine: (run: RunState, value: string) => run.maker.engine.includes(value),
  model: (run: RunState, value: string) => run.model.toLowerCase().includes(value),
  over: (run: RunState, value: string) => 'budget'.startsWith(value) && isOverBudget(run),
  is: (run: RunState, value: string) => KINDS.some(({ name, fits }) => name.startsWith(value) && fits(run)),
} as const;

export type Word = keyof typeof WORDS;

/** What `is:` asks for. */
export const KINDS: readonly { readonly name: string; readonly fits: (run: RunState) => boolean }[] = [
  { name: 'attention', fits: (run) => attention(run)?.level === 'act' },
  { name: 'open', fits: (run) => run.status.tag === 'open' },
  { name: 'ended', fits: (run) => run.status.tag === 'ended' },
  { name: 'stuck', fits: isStuck },
];

export const isWord = (name: string): name is Word => Object.hasOwn(WORDS, name);

/** Whether a run fits all words: `state:frozen`, `over:budget`, `-loop:docs`, or text of its id, item, model, branch or goal. Case does not matter. */
export function matches(run: RunState, filter: string): boolean {
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => fits(run, word));
}

function fits(run: RunState, written: string): boolean {
  const negated = written.startsWith('-');
  const word = negated ? written.slice(1) : written;
  const [, name = '', value = ''] = /^([a-z]+):(.*)$/.exec(word) ?? [];
  const known = isWord(name);
  // Not yet finished: what was asked for is not said.
  if (word === '' || (known && value === '')) return true;
  return (known ? WORDS[name](run, value) : textOf(run).includes(word)) !== negated;
}

const textOf = (run: RunState): string =>
  [run.id, run.fan?.key ?? '', run.model, run.maker.engine, run.branch, run.definition.goal].join('\n').toLowerCase();

/** Everything a person might call the state: its word, and `open`, `ended` or `needs` for the kind. */
export function statesOf(run: RunState): string[] {
  const needs = attention(run)?.level === 'act' ? ['needs'] : [];
  return [statusWord(run).word, run.status.tag === 'open' ? 'open' : 'ended', ...needs];
}

/** It has reached a cap, whether it stands still for that or not. */
function isOverBudget({ status, budget, meter }: RunState): boolean {
  const held = status.tag === 'open' && status.hold?.kind === 'paused' && status.hold.why === 'budget';
  const spent = fresh(meter.total.tokens) >= budget.tokens || meter.total.usd >= budget.usd;
  return held || spent || (status.tag === 'ended' && status.end.kind === 'exhausted');
}

function isStuck({ status, stuck }: RunState): boolean {
  if (status.tag === 'ended') return false;
  return stuck.suspicion !== null || (status.hold?.kind === 'paused' && status.hold.why === 'stuck');
}
