/** The one table of keys: it drives what a key does, the footer and the help, so that they cannot disagree. */
import { askedGate } from '../../loop/approval.ts';
import { attentions } from '../../loop/attention.ts';
import { waitingFans } from '../../loop/fanout/words.ts';
import { isLanding } from '../../loop/run-status.ts';
import type { RunState } from '../../loop/state.ts';
import { statusWord } from '../../loop/status-word.ts';
import { waitingHits } from '../../loop/triage/promote.ts';
import * as act from '../actions.ts';
import { copyItems } from '../copy/items.ts';
import { openCopy } from '../dialogs/copy.ts';
import { sheet } from '../dialogs/sheet.ts';
import { openPalette } from '../palette/palette.ts';
import { currentRun, legend, noRun, type Situation, targets, type View } from '../view.ts';
import { ALWAYS, type Binding } from './binding.ts';
import { FAN_KEYS } from './fan.ts';
import { helpLines } from './help.ts';
import { LANDING_KEYS } from './landing.ts';
import { keysOf, type OperatorKeys, USUAL_KEYS } from './operator.ts';
import { REVIEW_KEYS, reviewRun, toReview } from './review.ts';
import { RULES_KEYS, toRules } from './rules.ts';
import { SEARCH_KEYS } from './search.ts';
import { SPEND_KEYS, toSpend } from './spend.ts';
import { TRIAGE_KEYS, toTriage } from './triage.ts';

export type { Binding };

const BOTH = ['fleet', 'loop'] as const;
const EVERYWHERE = ['fleet', 'loop', 'triage', 'review', 'rules', 'spend'] as const;
const FLEET = ['fleet'] as const;
const LOOP = ['loop'] as const;
const foot = (label: string, rank: number): Binding['footer'] => ({ label: () => label, rank });

/** Some of what is chosen is open (and `fits`); else a reason that names it. */
const forOpen =
  (why: string, fits: (run: RunState, situation: Situation) => true | string = ALWAYS) =>
  (situation: Situation): true | string => {
    const runs = targets(situation);
    const [first] = runs;
    if (first === undefined) return noRun(situation);
    const open = runs.filter(act.isOpen);
    const [head] = open;
    if (head === undefined) {
      return runs.length > 1
        ? `All of these have ended: ${why}.`
        : `${first.id} has ended (${statusWord(first).word}): ${why}.`;
    }
    return open.some((run) => fits(run, situation) === true) ? true : fits(head, situation);
  };

const moving = (direction: 'up' | 'down' | 'left' | 'right', keys: string[], help: string): Binding => ({
  action: direction,
  keys,
  where: BOTH,
  when: ALWAYS,
  help,
  footer: null,
  act: (situation) => act.move(situation, direction),
});

const scrolling = (to: act.Scroll, keys: string[], help: string): Binding => ({
  action: to,
  keys,
  where: LOOP,
  when: ALWAYS,
  help,
  footer: null,
  act: (situation) => act.scroll(situation, to),
});

export const KEYMAP: readonly Binding[] = [
  {
    action: 'freeze',
    keys: ['p'],
    where: BOTH,
    when: forOpen('nothing to freeze', (run, situation) => {
      const { status } = run;
      if (status.tag !== 'open') return true;
      if (status.hold?.kind === 'waiting')
        return `${run.id} waits for your answer: ${legend(situation)('n')} gives it.`;
      if (isLanding(run)) return `${run.id} lands: ${legend(situation)('x')} takes that back.`;
      return act.isDone(run) ? `${run.id} is green and waits to be read: nothing to freeze.` : true;
    }),
    help: 'freeze the process tree now, or let it go on',
    footer: {
      label: (situation) => {
        const open = targets(situation).filter(act.isOpen);
        if (open.length > 0 && open.every((run) => askedGate(run) !== null)) return 'approve';
        return open.length > 0 && open.every(act.isHeld) ? 'resume' : 'freeze';
      },
      rank: 3,
    },
    act: act.freezeOrResume,
  },
  {
    action: 'drain',
    keys: ['P'],
    where: BOTH,
    when: forOpen('nothing to drain', (run) =>
      run.drain !== null ? `${run.id} drains already.` : act.isHeld(run) ? `${run.id} stands still already.` : true,
    ),
    help: 'drain: finish this pass, start no other',
    footer: null,
    act: act.drain,
  },
  {
    action: 'stop',
    keys: ['x'],
    where: BOTH,
    when: forOpen('nothing to stop'),
    help: 'stop politely, keep the work (asks)',
    footer: {
      label: (situation) => {
        const open = targets(situation).filter(act.isOpen);
        return open.length > 0 && open.every((run) => askedGate(run) !== null) ? 'refuse' : 'stop';
      },
      rank: 4,
    },
    act: act.stop,
  },
  {
    action: 'kill',
    keys: ['X'],
    where: BOTH,
    when: forOpen('nothing to kill'),
    help: 'kill the whole process tree at once (asks)',
    footer: foot('kill', 5),
    act: act.kill,
  },
  {
    action: 'escalate',
    keys: ['e'],
    where: BOTH,
    when: forOpen('nothing to escalate', (run) => (act.isGreen(run) ? `${run.id} is green already.` : true)),
    help: 'escalate to a stronger model',
    footer: foot('escalate', 6),
    act: act.escalate,
  },
  {
    action: 'rule',
    keys: ['r'],
    where: BOTH,
    when: (situation) => {
      const [run] = targets(situation);
      if (run === undefined) return noRun(situation);
      return act.draftOf(run) === null ? `${run.id} has no red gate to learn a rule from.` : true;
    },
    help: 'write a rule from the last failure, keep or drop the draft',
    footer: foot('rule', 7),
    act: act.rule,
  },
  {
    action: 'note',
    keys: ['n'],
    where: BOTH,
    when: forOpen('nobody to hear a note', (run) =>
      act.isGreen(run) ? `${run.id} is green, nobody would hear a note: b sends it back with one.` : true,
    ),
    help: 'note to the agent, or the answer to its question',
    footer: {
      label: (situation) => {
        const run = currentRun(situation);
        return run?.status.tag === 'open' && run.status.hold?.kind === 'waiting' ? 'answer' : 'note';
      },
      rank: 8,
    },
    act: act.note,
  },
  {
    action: 'budget',
    keys: ['+'],
    where: BOTH,
    when: forOpen('its budget no longer matters'),
    help: 'raise the budget',
    footer: foot('budget', 9),
    act: act.budget,
  },
  {
    action: 'zoom',
    keys: ['enter'],
    where: FLEET,
    when: (situation) => (currentRun(situation) === null ? noRun(situation) : true),
    help: 'open the run: trace, passes, gates',
    footer: foot('open', 2),
    act: act.zoom,
  },
  {
    action: 'start',
    keys: ['s'],
    where: ['fleet', 'loop', 'triage'],
    when: ({ fleet }) =>
      Object.keys(fleet.loops).length === 0 ? 'No loops in this repository: looptop init writes a first one.' : true,
    help: 'start a loop',
    footer: foot('start', 10),
    act: act.start,
  },
  {
    action: 'review-run',
    keys: ['v'],
    where: BOTH,
    when: (situation) => {
      const run = currentRun(situation);
      if (run === null) return noRun(situation);
      return run.base === null ? `${run.id} has changed nothing yet.` : true;
    },
    help: 'review its diff',
    footer: foot('review', 11),
    act: (situation) => reviewRun(situation, situation.view.cursor),
  },
  {
    action: 'attach',
    keys: ['a'],
    where: BOTH,
    when: (situation) => {
      const run = currentRun(situation);
      if (run === null) return noRun(situation);
      if (run.worktree === null) return `${run.id} has no worktree yet.`;
      return run.tornDown ? `The worktree of ${run.id} is gone.` : true;
    },
    help: 'go in: its agent’s own session, or a shell in the worktree',
    footer: foot('attach', 14),
    act: act.attach,
  },
  {
    action: 'pick',
    keys: ['space'],
    where: FLEET,
    when: (situation) => (currentRun(situation) === null ? 'No run to choose.' : true),
    help: 'choose several: the keys then mean all of them',
    footer: null,
    act: act.pick,
  },
  {
    action: 'filter',
    keys: ['/'],
    where: FLEET,
    when: ALWAYS,
    help: 'filter: text, state:frozen, over:budget, -loop:docs',
    footer: foot('filter', 13),
    act: act.filter,
  },
  {
    action: 'next-in-need',
    keys: ['tab'],
    where: BOTH,
    when: (situation) => {
      const { fleet, now } = situation;
      if (attentions(Object.values(fleet.runs)).some(({ attention }) => attention.level === 'act')) return true;
      if (waitingFans(fleet, now).length > 0) return 'No run needs you. A fan does: its line above says what for.';
      return waitingHits(fleet).length > 0
        ? `No run needs you. ${legend(situation)('2')} shows the hits that wait.`
        : 'Nobody needs you.';
    },
    help: 'the next run that needs you',
    footer: null,
    act: act.nextInNeed,
  },
  moving('up', ['up', 'k'], 'up; in a run: the pass before'),
  moving('down', ['down', 'j'], 'down; in a run: the pass after'),
  moving('left', ['left', 'h'], 'left; in a run: the tab before'),
  moving('right', ['right', 'l'], 'right; in a run: the tab after'),
  scrolling('page-up', ['pageup', 'ctrl-u'], 'a page up'),
  scrolling('page-down', ['pagedown', 'ctrl-d'], 'a page down'),
  scrolling('top', ['g', 'home'], 'to the beginning'),
  scrolling('bottom', ['G', 'end'], 'to the end, and follow it'),
  ...SEARCH_KEYS,
  ...FAN_KEYS,
  ...LANDING_KEYS,
  ...TRIAGE_KEYS,
  ...REVIEW_KEYS,
  ...RULES_KEYS,
  ...SPEND_KEYS,
  {
    action: 'back',
    keys: ['esc'],
    where: EVERYWHERE,
    when: ALWAYS,
    help: 'one step back, never out',
    footer: null,
    act: act.back,
  },
  {
    action: 'fleet',
    keys: ['1'],
    where: EVERYWHERE,
    when: ALWAYS,
    help: 'the fleet',
    footer: null,
    act: act.toFleet,
  },
  {
    action: 'triage',
    keys: ['2'],
    where: EVERYWHERE,
    when: ALWAYS,
    help: 'triage: what was found, and what it would start',
    footer: null,
    act: toTriage,
  },
  {
    action: 'review',
    keys: ['3'],
    where: EVERYWHERE,
    when: ALWAYS,
    help: 'review: what is done, why it is believed done, and its diff',
    footer: null,
    act: toReview,
  },
  {
    action: 'rules',
    keys: ['4'],
    where: EVERYWHERE,
    when: ALWAYS,
    help: 'rules: what was learned, from what, and whether it helped',
    footer: null,
    act: toRules,
  },
  {
    action: 'spend',
    keys: ['5'],
    where: EVERYWHERE,
    when: ALWAYS,
    help: 'spend: what it costs, how fast, and where it went',
    footer: null,
    act: toSpend,
  },
  {
    action: 'copy',
    keys: ['y'],
    where: ['fleet', 'loop', 'triage', 'review', 'rules'],
    when: (situation) => (copyItems(situation).length === 0 ? 'There is nothing here to copy.' : true),
    help: 'copy: id, branch, worktree, last message (twice: the id)',
    footer: null,
    act: (situation) => act.open(situation.view, openCopy(copyItems(situation))),
  },
  {
    action: 'palette',
    keys: [':'],
    where: EVERYWHERE,
    when: ALWAYS,
    help: 'everything that can be done now, by name',
    footer: foot('all', 11),
    act: ({ view }) => ({ view: { ...view, palette: openPalette() }, intents: [] }),
  },
  {
    action: 'help',
    keys: ['?'],
    where: EVERYWHERE,
    when: ALWAYS,
    help: 'this help',
    footer: foot('help', 1),
    act: (situation) => act.open(situation.view, sheet('Keys', helpLines(KEYMAP, situation))),
  },
  {
    action: 'leave',
    keys: ['q'],
    where: EVERYWHERE,
    when: ALWAYS,
    help: 'leave; the loops go on',
    footer: foot('leave', 15),
    act: act.leave,
  },
  {
    action: 'interrupt',
    keys: ['ctrl-c'],
    where: EVERYWHERE,
    when: ALWAYS,
    help: 'twice: leave',
    footer: null,
    act: act.interrupt,
  },
];

/** The binding of a key on the screen that is open; null when it has none. */
export const bindingOf = (key: string, screen: View['screen'], own: OperatorKeys = USUAL_KEYS): Binding | null =>
  KEYMAP.find((binding) => binding.where.includes(screen) && keysOf(binding, own).includes(key)) ?? null;
