/** The keys of the Spend view, rows of the keymap like any other; and what they do. */
import { BREAKDOWNS } from '../../loop/spend/rows.ts';
import type { Done } from '../actions.ts';
import { PERIODS, periodWords, spendScroll } from '../present/spend.ts';
import { bodySize, type Situation, type View } from '../view.ts';
import { ALWAYS, type Binding } from './binding.ts';

const SPEND = ['spend'] as const;

const seen = (view: View): Done => ({ view, intents: [] });

/** Opens the Spend view. */
export const toSpend = ({ view }: Situation): Done => seen({ ...view, screen: 'spend', scroll: 0 });

/** The one `steps` after it, round and round. */
function after<Value>(all: readonly [Value, ...Value[]], value: Value, steps: number): Value {
  return all[(all.indexOf(value) + steps + all.length) % all.length] ?? all[0];
}

const by = ({ view }: Situation, steps: number) => after(BREAKDOWNS, view.spend.by, steps);
const period = ({ view }: Situation) => after(PERIODS, view.spend.period, 1);

const breakDown = (situation: Situation, steps: number): Done =>
  seen({ ...situation.view, scroll: 0, spend: { ...situation.view.spend, by: by(situation, steps) } });

const lookBack = (situation: Situation): Done =>
  seen({ ...situation.view, scroll: 0, spend: { ...situation.view.spend, period: period(situation) } });

type To = 'up' | 'down' | 'page-up' | 'page-down' | 'top' | 'bottom';

function scroll(situation: Situation, to: To): Done {
  const { view, fleet, now } = situation;
  const { columns, rows } = bodySize(situation);
  const { page, limit } = spendScroll(fleet, { ...view.spend, scroll: view.scroll, now }, columns, rows);
  const wanted = {
    up: view.scroll - 1,
    down: view.scroll + 1,
    'page-up': view.scroll - page,
    'page-down': view.scroll + page,
    top: 0,
    bottom: limit,
  }[to];
  return seen({ ...view, scroll: Math.min(limit, Math.max(0, wanted)) });
}

const scrolling = (action: To, keys: string[], help: string): Binding => ({
  action,
  keys,
  where: SPEND,
  when: ALWAYS,
  help,
  footer: null,
  act: (situation) => scroll(situation, action),
});

export const SPEND_KEYS: readonly Binding[] = [
  {
    action: 'breakdown',
    keys: ['tab', 'b', 'right', 'l'],
    where: SPEND,
    when: ALWAYS,
    help: 'by loop, model, day, role or run',
    footer: { label: (situation) => `by ${by(situation, 1)}`, rank: 2 },
    act: (situation) => breakDown(situation, 1),
  },
  {
    action: 'left',
    keys: ['left', 'h'],
    where: SPEND,
    when: ALWAYS,
    help: 'the breakdown before',
    footer: null,
    act: (situation) => breakDown(situation, -1),
  },
  {
    action: 'period',
    keys: ['d'],
    where: SPEND,
    when: ALWAYS,
    help: 'how far back: 7, 30 or 90 days, or today',
    footer: { label: (situation) => periodWords(period(situation)), rank: 3 },
    act: lookBack,
  },
  scrolling('up', ['up', 'k'], 'a row up'),
  scrolling('down', ['down', 'j'], 'a row down'),
  scrolling('page-up', ['pageup', 'ctrl-u'], 'a page up'),
  scrolling('page-down', ['pagedown', 'ctrl-d'], 'a page down'),
  scrolling('top', ['g', 'home'], 'to the dearest'),
  scrolling('bottom', ['G', 'end'], 'to the cheapest'),
];
