/** What the word under the cursor of the filter can become: shown while it is typed, and taken by Tab. */
import type { RunState } from '../../loop/state.ts';
import type { Entry } from '../dialogs/entry.ts';
import { isWord, KINDS, statesOf, WORDS, type Word } from './filter.ts';

/** Of one kind, at most. */
const MOST = 8;

/** Whole words, the one that Tab takes first; none when nothing fits. */
export function hintsFor(field: Entry, runs: readonly RunState[]): readonly string[] {
  const written = wordAt(field).toLowerCase();
  const sign = written.startsWith('-') ? '-' : '';
  const word = written.slice(sign.length);
  const [, name, value = ''] = /^([a-z]+):(.*)$/.exec(word) ?? [];
  const all = name !== undefined && isWord(name) ? valuesOf(name, value, runs) : namesFor(word, sign === '');
  return all.map((each) => sign + each).filter((each) => each !== written);
}

/** The entry with the word under the cursor made whole; unchanged when there is no hint. */
export function completed(field: Entry, runs: readonly RunState[]): Entry {
  const [hint] = hintsFor(field, runs);
  if (hint === undefined) return field;
  const before = field.text.slice(0, field.at - wordAt(field).length);
  const text = `${before}${hint}${hint.endsWith(':') ? '' : ' '}`;
  return { text: text + field.text.slice(field.at).trimStart(), at: text.length };
}

/** What stands between the last space and the cursor. */
const wordAt = ({ text, at }: Entry): string => /\S*$/.exec(text.slice(0, at))?.[0] ?? '';

function namesFor(word: string, sayNot: boolean): string[] {
  const names = Object.keys(WORDS).map((name) =>
    name === 'over' ? 'over:budget' : name === 'is' ? 'is:attention' : `${name}:`,
  );
  const fitting = names.filter((name) => name.startsWith(word));
  return word === '' && sayNot ? [...fitting, '-not'] : fitting;
}

function valuesOf(name: Word, value: string, runs: readonly RunState[]): string[] {
  const found = new Set(runs.flatMap((run) => candidates(name, run)));
  return [...found]
    .filter((each) => !/\s/.test(each) && each.includes(value))
    .sort((a, b) => Number(b.startsWith(value)) - Number(a.startsWith(value)) || (a < b ? -1 : 1))
    .slice(0, MOST)
    .map((each) => `${name}:${each}`);
}

function candidates(name: Word, run: RunState): string[] {
  switch (name) {
    case 'state':
      // `paused: budget` is two words to the filter: the first finds it, and so does the second.
      return statesOf(run).flatMap((state) => state.split(/[\s:]+/));
    case 'loop':
      return [run.loop.toLowerCase()];
    case 'engine':
      return [run.maker.engine];
    case 'model':
      return [run.model.toLowerCase()];
    case 'over':
      return ['budget'];
    case 'is':
      return KINDS.map((kind) => kind.name);
  }
}
