/** The keys of the Rules view, rows of the keymap like any other; and what they do. */
import type { Done } from '../actions.ts';
import { confirmRetire } from '../dialogs/confirm.ts';
import type { Dialog } from '../dialogs/dialog.ts';
import { openOwnRule, openRule } from '../dialogs/rule.ts';
import { sheet } from '../dialogs/sheet.ts';
import { chosenRule, type RuleRow, ruleLines, ruleList, rulesPage } from '../present/rules.ts';
import { bodySize, type Situation, type View } from '../view.ts';
import { ALWAYS, type Binding } from './binding.ts';

const RULES = ['rules'] as const;

const seen = (view: View): Done => ({ view, intents: [] });

const opened = (view: View, dialog: Dialog): Done => seen({ ...view, dialogs: [...view.dialogs, dialog] });

/** Opens the Rules view. */
export const toRules = ({ view }: Situation): Done => seen({ ...view, screen: 'rules', scroll: 0 });

const chosen = ({ fleet, view }: Situation): RuleRow | null => chosenRule(fleet, view.rule);

const NONE = 'There is no rule yet: r on a run with a red gate drafts one, i writes one.';

/** A draft is decided on, a rule is read. */
function read(situation: Situation): Done {
  const { view, fleet, now, columns } = situation;
  const row = chosen(situation);
  if (row === null) return seen(view);
  if (row.kind === 'draft') return opened(view, openRule(row.run, row.draft));
  const room = Math.max(20, Math.min(74, columns - 6));
  return opened(view, sheet(`Rule ${row.rule.id}`, ruleLines(fleet, row.rule, now, room)));
}

/** A draft is dropped by one key, as it stands nowhere yet; a rule is struck out of RULES.md, which asks. */
function retire(situation: Situation): Done {
  const { view } = situation;
  const row = chosen(situation);
  if (row === null) return seen(view);
  if (row.kind === 'rule') return opened(view, confirmRetire(row.rule));
  return { view, intents: [{ do: 'send', commands: [{ do: 'rule-drop', run: row.run.id }] }] };
}

function whenInForce(situation: Situation): true | string {
  const row = chosen(situation);
  if (row === null) return NONE;
  return row.kind === 'rule' && row.rule.status === 'retired' ? `${row.rule.id} is retired already.` : true;
}

type To = 'up' | 'down' | 'page-up' | 'page-down' | 'top' | 'bottom';

function move(situation: Situation, to: To): Done {
  const { view, fleet } = situation;
  const list = ruleList(fleet);
  const at = list.findIndex(({ key }) => key === chosen(situation)?.key);
  const page = rulesPage(bodySize(situation).rows);
  const wanted = {
    up: at - 1,
    down: at + 1,
    'page-up': at - page,
    'page-down': at + page,
    top: 0,
    bottom: list.length - 1,
  }[to];
  return seen({ ...view, rule: list[Math.min(list.length - 1, Math.max(0, wanted))]?.key ?? null });
}

const moving = (action: To, keys: string[], help: string): Binding => ({
  action,
  keys,
  where: RULES,
  when: ALWAYS,
  help,
  footer: null,
  act: (situation) => move(situation, action),
});

export const RULES_KEYS: readonly Binding[] = [
  {
    action: 'read',
    keys: ['enter'],
    where: RULES,
    when: (situation) => (chosen(situation) === null ? NONE : true),
    help: 'the rule in full with its evidence; a draft: keep, edit or drop it',
    footer: {
      label: (situation) => (chosen(situation)?.kind === 'draft' ? 'decide' : 'read'),
      rank: 2,
    },
    act: read,
  },
  {
    action: 'write',
    keys: ['i'],
    where: RULES,
    when: ALWAYS,
    help: 'write a rule by hand',
    footer: { label: () => 'write', rank: 3 },
    act: ({ view }) => opened(view, openOwnRule()),
  },
  {
    action: 'retire',
    keys: ['d'],
    where: RULES,
    when: whenInForce,
    help: 'retire the rule (asks); a draft: drop it',
    footer: {
      label: (situation) => (chosen(situation)?.kind === 'draft' ? 'drop' : 'retire'),
      rank: 4,
    },
    act: retire,
  },
  moving('up', ['up', 'k'], 'the rule above'),
  moving('down', ['down', 'j'], 'the rule below'),
  moving('page-up', ['pageup', 'ctrl-u'], 'a page up'),
  moving('page-down', ['pagedown', 'ctrl-d'], 'a page down'),
  moving('top', ['g', 'home'], 'to the first'),
  moving('bottom', ['G', 'end'], 'to the last'),
];
