/** What each key does, as a function from the situation to a new view and what is asked of the world. Which key it is, is the keymap's business. */
import { attentions } from '../loop/attention.ts';
import type { Command } from '../loop/command.ts';
import { draftRule } from '../loop/draft-rule.ts';
import { isLanding } from '../loop/run-status.ts';
import type { RuleDraft, RunState } from '../loop/state.ts';
import { openBudget } from './dialogs/budget.ts';
import { confirmKill, confirmStop } from './dialogs/confirm.ts';
import type { Dialog } from './dialogs/dialog.ts';
import { openEscalate } from './dialogs/escalate.ts';
import { openNote } from './dialogs/note.ts';
import { openRule } from './dialogs/rule.ts';
import { openStart } from './dialogs/start.ts';
import { isDone } from './order.ts';
import { type Direction, neighbour } from './present/layout.ts';
import { chosenPass, loopScroll } from './present/loop.ts';
import { TABS } from './present/loop-tabs.ts';
import type { Intent } from './press.ts';
import {
  bodySize,
  currentRun,
  layoutOf,
  loopLook,
  type Situation,
  shownIds,
  targets,
  typingFilter,
  type View,
} from './view.ts';

/** What came of a key. */
export interface Done {
  readonly view: View;
  readonly intents: readonly Intent[];
}

const seen = (view: View): Done => ({ view, intents: [] });
const asked = (view: View, ...intents: readonly Intent[]): Done => ({ view, intents });

/** Opens a dialog in front of the others. */
export const open = (view: View, dialog: Dialog): Done => seen({ ...view, dialogs: [...view.dialogs, dialog] });

/** Asks the supervisor for these. */
export const sent = (view: View, commands: readonly Command[]): Done => asked(view, { do: 'send', commands });

/** An arrow: between runs on the Fleet view; between passes and tabs in the Loop view. */
export function move(situation: Situation, direction: Direction): Done {
  const { view } = situation;
  if (view.screen === 'fleet') {
    const cursor = neighbour(layoutOf(situation), shownIds(situation), view.cursor, direction);
    return seen({ ...view, cursor });
  }
  if (direction === 'up' || direction === 'down') return movePass(situation, direction);
  const at = TABS.indexOf(view.tab) + (direction === 'right' ? 1 : -1);
  const tab = TABS[(at + TABS.length) % TABS.length] ?? 'trace';
  return seen({ ...view, tab, scroll: 0, search: elsewhere(view) });
}

/** The search goes along to another text, where it has not gone to any place yet. */
const elsewhere = ({ search }: View): View['search'] => (search === null ? null : { ...search, row: -1 });

function movePass({ view, fleet }: Situation, direction: 'up' | 'down'): Done {
  const run = currentRun({ view, fleet });
  if (run === null) return seen(view);
  const numbers = run.passes.map(({ n }) => n);
  const at = numbers.indexOf(chosenPass(run, view)) + (direction === 'down' ? 1 : -1);
  // Past the newest pass is the newest one again, followed.
  if (at >= numbers.length) return seen({ ...view, pass: null, scroll: 0, search: elsewhere(view) });
  return seen({ ...view, pass: numbers[Math.max(0, at)] ?? null, scroll: 0, search: elsewhere(view) });
}

/** To the next run that waits for a person. */
export function nextInNeed(situation: Situation): Done {
  const { view, fleet } = situation;
  const waiting = attentions(Object.values(fleet.runs)).filter(({ attention }) => attention.level === 'act');
  const at = waiting.findIndex(({ run }) => run.id === view.cursor);
  const next = waiting[(at + 1) % Math.max(1, waiting.length)];
  if (next === undefined) return seen(view);
  const filter = shownIds(situation).includes(next.run.id) ? view.filter : '';
  return seen({ ...view, filter, cursor: next.run.id, pass: null, scroll: 0, search: null });
}

export const zoom = ({ view }: Situation): Done =>
  seen({ ...view, screen: 'loop', tab: 'trace', pass: null, scroll: 0, search: null });

export const toFleet = ({ view }: Situation): Done => seen({ ...view, screen: 'fleet' });

/** One step back, never out: from a search, from another view than the Fleet, from what was chosen, from the filter. */
export function back({ view }: Situation): Done {
  if (view.screen === 'loop' && view.search !== null) return seen({ ...view, search: null, scroll: 0 });
  if (view.screen !== 'fleet') return seen({ ...view, screen: 'fleet', scroll: 0 });
  if (view.picked.size > 0) return seen({ ...view, picked: new Set() });
  return seen({ ...view, filter: '' });
}

export function pick({ view }: Situation): Done {
  if (view.cursor === null) return seen(view);
  const picked = new Set(view.picked);
  if (!picked.delete(view.cursor)) picked.add(view.cursor);
  return seen({ ...view, picked });
}

export const filter = ({ view }: Situation): Done => seen({ ...typingFilter(view), screen: 'fleet' });

export type Scroll = 'page-up' | 'page-down' | 'top' | 'bottom';

/** Through the open tab of the Loop view. The trace is read from its end, the others from their top. */
export function scroll(situation: Situation, to: Scroll): Done {
  const { view, fleet } = situation;
  const run = currentRun(situation);
  if (run === null) return seen(view);
  const { columns, rows } = bodySize(situation);
  const { page, limit } = loopScroll(fleet, run, loopLook(situation), columns, rows);
  const up = view.tab === 'trace' ? 1 : -1;
  const wanted = {
    'page-up': view.scroll + up * page,
    'page-down': view.scroll - up * page,
    top: view.tab === 'trace' ? limit : 0,
    bottom: view.tab === 'trace' ? 0 : limit,
  }[to];
  return seen({ ...view, scroll: Math.min(limit, Math.max(0, wanted)) });
}

export const isOpen = (run: RunState): boolean => run.status.tag === 'open';

export { isDone };

/** It waits in review, or lands: nobody works on it. */
export const isGreen = (run: RunState): boolean => isDone(run) || isLanding(run);

const isWaiting = (run: RunState): boolean => run.status.tag === 'open' && run.status.hold?.kind === 'waiting';

/** It stands still until somebody lets it go on. An agent that asks does not: it goes on by an answer. */
export const isHeld = (run: RunState): boolean =>
  run.status.tag === 'open' && run.status.hold !== null && !isWaiting(run);

/** Freezes what goes on; when all of it stands still already, lets it go on. */
export function freezeOrResume(situation: Situation): Done {
  const runs = targets(situation).filter((run) => isOpen(run) && !isGreen(run) && !isWaiting(run));
  const going = runs.filter((run) => !isHeld(run));
  const verb = going.length > 0 ? 'freeze' : 'resume';
  return sent(
    situation.view,
    (going.length > 0 ? going : runs).map(({ id }) => ({ do: verb, run: id })),
  );
}

export const drain = (situation: Situation): Done =>
  sent(
    situation.view,
    targets(situation)
      .filter((run) => isOpen(run) && !isHeld(run) && run.drain === null)
      .map(({ id }) => ({ do: 'drain', run: id })),
  );

export const stop = (situation: Situation): Done =>
  open(situation.view, confirmStop(targets(situation).filter(isOpen)));

export const kill = (situation: Situation): Done =>
  open(situation.view, confirmKill(targets(situation).filter(isOpen)));

export const escalate = (situation: Situation): Done =>
  open(situation.view, openEscalate(targets(situation).filter((run) => isOpen(run) && !isGreen(run))));

export const note = (situation: Situation): Done =>
  open(situation.view, openNote(targets(situation).filter((run) => isOpen(run) && !isGreen(run))));

export const budget = (situation: Situation): Done =>
  open(situation.view, openBudget(targets(situation).filter(isOpen)));

/** The draft that waits, else one made from the last red gate; null when there is nothing to learn from. */
export const draftOf = (run: RunState): RuleDraft | null => run.draft ?? draftRule(run);

export function rule(situation: Situation): Done {
  const [run] = targets(situation);
  const draft = run === undefined ? null : draftOf(run);
  return run === undefined || draft === null ? seen(situation.view) : open(situation.view, openRule(run, draft));
}

export const start = ({ view, fleet }: Situation): Done => open(view, openStart(fleet));

/** Its agent's own session, or a shell in its worktree. */
export function attach(situation: Situation): Done {
  const run = currentRun(situation);
  return run === null ? seen(situation.view) : asked(situation.view, { do: 'attach', run: run.id });
}

export const leave = ({ view }: Situation): Done => asked(view, { do: 'leave' });

/** How long a first ctrl-c waits for the second, ms. */
const TWICE_MS = 2000;

export function interrupt({ view, now }: Situation): Done {
  if (view.leaving !== null && now - view.leaving <= TWICE_MS) return asked(view, { do: 'leave' });
  return seen({
    ...view,
    leaving: now,
    toast: { text: 'ctrl-c again leaves; the loops go on without the pane.', tone: 'said', until: now + TWICE_MS },
  });
}
