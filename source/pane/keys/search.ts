/** The keys that search in the Loop view, rows of the keymap like any other. */
import { beginSearch, goOn } from '../search/step.ts';
import { legend, type Situation } from '../view.ts';
import { ALWAYS, type Binding } from './binding.ts';

const LOOP = ['loop'] as const;

const whenSearching = (situation: Situation): true | string =>
  situation.view.search === null ? `Nothing is searched for: ${legend(situation)('/')} begins.` : true;

const going = (action: string, key: string, by: 1 | -1, help: string): Binding => ({
  action,
  keys: [key],
  where: LOOP,
  when: whenSearching,
  help,
  footer: null,
  act: (situation) => goOn(situation, by),
});

export const SEARCH_KEYS: readonly Binding[] = [
  {
    action: 'search',
    keys: ['/'],
    where: LOOP,
    when: ALWAYS,
    help: 'search in the open tab; capitals count when you write one',
    footer: { label: () => 'search', rank: 12 },
    act: beginSearch,
  },
  going('next-match', 'ctrl-n', 1, 'the next place that was searched for'),
  going('previous-match', 'ctrl-p', -1, 'the one before'),
];
