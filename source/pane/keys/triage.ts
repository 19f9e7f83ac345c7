/** The keys of the Triage view, rows of the keymap like any other; and what they do. */
import type { Hit } from '../../loop/state.ts';
import { targetOf } from '../../loop/triage/promote.ts';
import type { Done } from '../actions.ts';
import { openPromote } from '../dialogs/promote.ts';
import { sheet } from '../dialogs/sheet.ts';
import { chosenHit, hitLines, triageList, triagePage } from '../present/triage.ts';
import { bodySize, type Situation, type View } from '../view.ts';
import type { Binding } from './binding.ts';
import { ALWAYS } from './binding.ts';

const TRIAGE = ['triage'] as const;

const seen = (view: View): Done => ({ view, intents: [] });

/** Opens the Triage view. */
export const toTriage = ({ view }: Situation): Done => seen({ ...view, screen: 'triage', scroll: 0 });

const chosen = ({ fleet, view }: Situation): Hit | null => chosenHit(fleet, view.hit);

const NONE = 'There is no hit: a triage loop finds them.';

/** True when the hit under the cursor waits; else why the key means nothing. */
function whenOpen(situation: Situation, what: string): true | string {
  const hit = chosen(situation);
  if (hit === null) return NONE;
  return hit.status === 'open' ? true : `${hit.id} is ${hit.status}: nothing to ${what}.`;
}

/** What has run out or was dropped can be taken up again. */
function whenNotTaken(situation: Situation): true | string {
  const hit = chosen(situation);
  if (hit === null) return NONE;
  return hit.status === 'promoted' ? `${hit.id} is promoted already: ${hit.promotedTo}.` : true;
}

function promote(situation: Situation): Done {
  const { view, fleet } = situation;
  const hit = chosen(situation);
  if (hit === null) return seen(view);
  // For a person: then a person names the loop.
  if (targetOf(fleet, hit) === null) return seen({ ...view, dialogs: [...view.dialogs, openPromote(fleet, hit)] });
  return { view, intents: [{ do: 'send', commands: [{ do: 'promote', hit: hit.id }] }] };
}

function promoteTo({ view, fleet }: Situation): Done {
  const hit = chosenHit(fleet, view.hit);
  return hit === null ? seen(view) : seen({ ...view, dialogs: [...view.dialogs, openPromote(fleet, hit)] });
}

function dismiss(situation: Situation): Done {
  const { view, fleet } = situation;
  const hit = chosen(situation);
  if (hit === null) return seen(view);
  // The cursor goes to the next one, not after the dismissed.
  const open = triageList(fleet).filter(({ status }) => status === 'open');
  const next = open[open.findIndex(({ id }) => id === hit.id) + 1] ?? open.at(-2) ?? null;
  return {
    view: { ...view, hit: next?.id ?? null },
    intents: [{ do: 'send', commands: [{ do: 'dismiss', hit: hit.id }] }],
  };
}

function readHit(situation: Situation): Done {
  const { view, fleet, now, columns } = situation;
  const hit = chosen(situation);
  if (hit === null) return seen(view);
  const room = Math.max(20, Math.min(74, columns - 6));
  return seen({ ...view, dialogs: [...view.dialogs, sheet(`Hit ${hit.id}`, hitLines(fleet, hit, now, room))] });
}

type To = 'up' | 'down' | 'page-up' | 'page-down' | 'top' | 'bottom';

function move(situation: Situation, to: To): Done {
  const { view, fleet } = situation;
  const list = triageList(fleet);
  const at = list.findIndex(({ id }) => id === chosen(situation)?.id);
  const page = triagePage(bodySize(situation).rows);
  const wanted = {
    up: at - 1,
    down: at + 1,
    'page-up': at - page,
    'page-down': at + page,
    top: 0,
    bottom: list.length - 1,
  }[to];
  return seen({ ...view, hit: list[Math.min(list.length - 1, Math.max(0, wanted))]?.id ?? null });
}

const moving = (action: To, keys: string[], help: string): Binding => ({
  action,
  keys,
  where: TRIAGE,
  when: ALWAYS,
  help,
  footer: null,
  act: (situation) => move(situation, action),
});

export const TRIAGE_KEYS: readonly Binding[] = [
  {
    action: 'read',
    keys: ['enter'],
    where: TRIAGE,
    when: (situation) => (chosen(situation) === null ? NONE : true),
    help: 'the hit in full: evidence, and what was listed',
    footer: { label: () => 'read', rank: 2 },
    act: readHit,
  },
  {
    action: 'promote',
    keys: ['P'],
    where: TRIAGE,
    when: whenNotTaken,
    help: 'promote: start the loop that takes it',
    footer: { label: () => 'promote', rank: 3 },
    act: promote,
  },
  {
    action: 'promote-to',
    keys: ['T'],
    where: TRIAGE,
    when: whenNotTaken,
    help: 'promote to another loop',
    footer: { label: () => 'to another loop', rank: 5 },
    act: promoteTo,
  },
  {
    action: 'dismiss',
    keys: ['d'],
    where: TRIAGE,
    when: (situation) => whenOpen(situation, 'dismiss'),
    help: 'dismiss; it comes back only if it is more urgent',
    footer: { label: () => 'dismiss', rank: 4 },
    act: dismiss,
  },
  moving('up', ['up', 'k'], 'the hit above'),
  moving('down', ['down', 'j'], 'the hit below'),
  moving('page-up', ['pageup', 'ctrl-u'], 'a page up'),
  moving('page-down', ['pagedown', 'ctrl-d'], 'a page down'),
  moving('top', ['g', 'home'], 'to the most urgent'),
  moving('bottom', ['G', 'end'], 'to the last'),
];
