/** The search of the Loop view under the keys: begun, written, gone through, ended. */
import type { Done } from '../actions.ts';
import { entry, typed } from '../dialogs/entry.ts';
import { loopMatches } from '../present/loop.ts';
import type { Press } from '../press.ts';
import { bodySize, currentRun, loopLook, type Search, type Situation } from '../view.ts';

const NOWHERE = -1;

/** The search with the line open for writing, the text of the last one in it. */
export function beginSearch({ view }: Situation): Done {
  const text = view.search?.text ?? '';
  return { view: { ...view, search: { text, row: NOWHERE, typing: entry(text) } }, intents: [] };
}

/** Which of how many places is gone to: 0 when none is; null when nothing is searched for. */
export function whereSearchIs(situation: Situation): { readonly at: number; readonly of: number } | null {
  const matches = matchesIn(situation);
  const row = situation.view.search?.row;
  return matches === null || row === undefined
    ? null
    : { at: matches.found.indexOf(row) + 1, of: matches.found.length };
}

function matchesIn(situation: Situation) {
  const run = currentRun(situation);
  const look = loopLook(situation);
  if (run === null || look.search === null) return null;
  const { columns, rows } = bodySize(situation);
  return loopMatches(situation.fleet, run, { ...look, search: look.search }, columns, rows);
}

/** Goes to the next place (1) or the one before (-1), round and round. */
export function goOn(situation: Situation, by: 1 | -1): Done {
  const { view } = situation;
  const matches = matchesIn(situation);
  if (matches === null || view.search === null || matches.found.length === 0) return { view, intents: [] };
  const { found, scrollTo } = matches;
  const { row } = view.search;
  const after = found.find((each) => each > row) ?? found[0];
  const before = found.findLast((each) => each < row) ?? found.at(-1);
  const next = (by === 1 ? after : before) ?? NOWHERE;
  return { view: { ...view, search: { ...view.search, row: next }, scroll: scrollTo(next) }, intents: [] };
}

/** A key while the search is written: the newest place of a trace is gone to at each letter, of another text the first. */
export function stepSearch(situation: Situation, search: Search, press: Press): Done {
  const { view } = situation;
  if (search.typing === null) return { view, intents: [] };
  if ('key' in press) {
    switch (press.key) {
      case 'enter':
        return {
          view: { ...view, search: search.text.trim() === '' ? null : { ...search, typing: null } },
          intents: [],
        };
      case 'esc':
        return { view: { ...view, search: null }, intents: [] };
      case 'up':
      case 'ctrl-p':
        return goOn(situation, -1);
      case 'down':
      case 'ctrl-n':
        return goOn(situation, 1);
    }
  }
  const next = typed(search.typing, press);
  if (next === null) return { view, intents: [] };
  const typing = { ...next, text: next.text.replaceAll('\n', ' ') };
  if (typing.text === search.text) return { view: { ...view, search: { ...search, typing } }, intents: [] };
  const written = { ...situation, view: { ...view, search: { text: typing.text, row: NOWHERE, typing } } };
  return goOn(written, view.tab === 'trace' ? -1 : 1);
}
