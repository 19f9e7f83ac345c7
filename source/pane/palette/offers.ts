/** What the palette offers for what is typed: actions that are possible now with their keys, and verbs with the names they can take. */
import type { Done } from '../actions.ts';
import type { Binding } from '../keys/binding.ts';
import { KEYMAP } from '../keys/keymap.ts';
import { keysOf, shownKey } from '../keys/operator.ts';
import type { Situation } from '../view.ts';
import { fuzzy } from './fuzzy.ts';
import { subjectsOf, VERBS, type Verb } from './verbs.ts';

export interface Offer {
  /** What Tab makes of the line, and what is remembered of it. */
  readonly text: string;
  readonly keys: string;
  readonly help: string;
  /** True when it can be done now, else why not. */
  readonly possible: true | string;
  /** Does it; a text says why it cannot. Null where a name must follow first. */
  readonly act: ((situation: Situation) => Done | string) | null;
}

/** At most; more would not be read. */
const MOST = 200;

/** The best first. What cannot be done now is left out, unless it is what was typed: then its reason can be read. */
export function offersFor(situation: Situation, typed: string): readonly Offer[] {
  const [, name = '', rest = ''] = /^\s*(\S*)(?:\s+(.*))?$/s.exec(typed) ?? [];
  const withName = /^\s*\S+\s/.test(typed);
  return (withName ? named(situation, name.toLowerCase(), rest) : unnamed(situation, name)).slice(0, MOST);
}

function unnamed(situation: Situation, typed: string): Offer[] {
  const actions = KEYMAP.filter(({ action, where }) => where.includes(situation.view.screen) && action !== 'palette');
  const all = [
    ...actions.map((binding) => ofAction(situation, binding)),
    ...VERBS.filter(({ name }) => !actions.some(({ action }) => action === name)).map((verb) => ofVerb(verb)),
  ];
  // A name alone is the wish to look at it.
  const runs = typed === '' ? [] : Object.keys(situation.fleet.runs).flatMap((id) => ofSubject(situation, 'open', id));
  const ranked = [...best(all, typed), ...best(runs, typed, (offer) => offer.text.slice('open '.length))];
  const exact = VERBS.some(({ name }) => name === typed) ? named(situation, typed, '') : [];
  return possibleOf([...ranked, ...exact], typed);
}

/** What cannot be done only where nothing can, or where it is what was meant: Enter must not take something else for it. */
function possibleOf(offers: Offer[], typed: string): Offer[] {
  const kept = offers.filter(({ possible, text }) => possible === true || (typed !== '' && text.startsWith(typed)));
  return kept.length > 0 ? kept : offers;
}

function named(situation: Situation, verbName: string, typed: string): Offer[] {
  const verb =
    VERBS.find(({ name }) => name === verbName) ?? only(VERBS.filter(({ name }) => name.startsWith(verbName)));
  if (verb === null) return [];
  const [, id = '', rest = ''] = /^(\S*)(?:\s+(.*))?$/s.exec(typed) ?? [];
  const subjects = subjectsOf(verb, situation.fleet);
  if (subjects.includes(id)) return [withRest(situation, verb, id, rest.trim())];
  const all = subjects.map((subject) => withRest(situation, verb, subject, ''));
  return possibleOf(
    best(all, id, (offer) => offer.text.slice(verb.name.length + 1)),
    '',
  );
}

const only = <Value>(values: readonly Value[]): Value | null => (values.length === 1 ? (values[0] ?? null) : null);

function best(offers: readonly Offer[], typed: string, by: (offer: Offer) => string = ({ text }) => text): Offer[] {
  return offers
    .flatMap((offer) => {
      const name = fuzzy(typed, by(offer));
      // A word of the help finds it as well, after all that are called so.
      const help = typed.length > 2 && offer.help.toLowerCase().includes(typed.toLowerCase()) ? 0 : null;
      const score = name ?? help;
      return score === null ? [] : [{ offer, score }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ offer }) => offer);
}

function ofAction(situation: Situation, binding: Binding): Offer {
  return {
    text: binding.action,
    keys: keysOf(binding, situation.keys).map(shownKey).join(' '),
    help: binding.help,
    possible: binding.when(situation),
    act: (now) => {
      const possible = binding.when(now);
      return possible === true ? binding.act(now) : possible;
    },
  };
}

const ofVerb = ({ name, of, help }: Verb): Offer => ({
  text: `${name} `,
  keys: of,
  help,
  possible: true,
  act: null,
});

const ofSubject = (situation: Situation, verbName: string, id: string): Offer[] =>
  VERBS.filter(({ name }) => name === verbName).map((verb) => withRest(situation, verb, id, ''));

function withRest(situation: Situation, verb: Verb, id: string, rest: string): Offer {
  return {
    text: `${verb.name} ${id}${rest === '' ? '' : ` ${rest}`}`,
    keys: '',
    help: rest === '' && verb.rest !== undefined ? `${verb.help}; may follow: ${verb.rest}` : verb.help,
    possible: verb.when(situation, id),
    act: (now) => {
      const possible = verb.when(now, id);
      return possible === true ? verb.act(now, id, rest) : possible;
    },
  };
}
