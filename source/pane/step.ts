/** What a key does, whatever is open: a dialog takes it first, then the filter being typed, then the keymap. Pure. */
import type { Done } from './actions.ts';
import { stepDialog, withText } from './dialogs/dialog.ts';
import { type Entry, typed } from './dialogs/entry.ts';
import { completed } from './filter/hints.ts';
import { bindingOf } from './keys/keymap.ts';
import { stepPalette } from './palette/step.ts';
import type { Press } from './press.ts';
import { commented } from './review/look.ts';
import { stepSearch } from './search/step.ts';
import { isTooSmall, type Situation, settled, type View } from './view.ts';

/** How long a reason stays readable, ms. */
const TOAST_MS = 6000;

/** The view after a key, and what the key asks of the world. */
export function step(situation: Situation, press: Press): Done {
  const before = { ...situation, view: clearToast(situation.view) };
  const done = dispatch(before, press);
  return { ...done, view: settled(done.view, situation.fleet) };
}

/** The view with the open dialog's text replaced by what $EDITOR left. */
export function edited(view: View, text: string): View {
  const dialog = view.dialogs.at(-1);
  return dialog === undefined ? view : { ...view, dialogs: [...view.dialogs.slice(0, -1), withText(dialog, text)] };
}

/** The view with a line that says something for a while. */
export const told = (view: View, text: string, tone: 'said' | 'no', now: number): View => ({
  ...view,
  toast: { text, tone, until: now + TOAST_MS },
});

function dispatch(situation: Situation, press: Press): Done {
  const { view, now } = situation;
  // Ctrl-c means the same everywhere, also in a dialog and on a screen too small to show one.
  const isInterrupt = 'key' in press && press.key === 'ctrl-c';
  const dialog = view.dialogs.at(-1);
  if (!isInterrupt && !isTooSmall(situation)) {
    if (view.palette !== null) {
      const { refused, ...done } = stepPalette(situation, view.palette, press);
      return refused === undefined ? done : { ...done, view: told(done.view, refused, 'no', now) };
    }
    if (dialog !== undefined) {
      const answer = stepDialog(dialog, press, situation);
      const below = view.dialogs.slice(0, -1);
      const open = { ...view, dialogs: answer.dialog === null ? below : [...below, answer.dialog] };
      const after = answer.comment === undefined ? open : { ...open, review: commented(open.review, answer.comment) };
      const said = answer.refused === undefined ? after : told(after, answer.refused, 'no', now);
      return { view: said, intents: answer.intents };
    }
    if (view.screen === 'loop' && view.search !== null && view.search.typing !== null)
      return stepSearch(situation, view.search, press);
    if (view.typing !== null) return { view: typeFilter(situation, view.typing, press), intents: [] };
  }
  if (!('key' in press)) return { view, intents: [] };
  const binding = bindingOf(press.key, view.screen, situation.keys);
  if (binding === null) return { view, intents: [] };
  const possible = binding.when(situation);
  if (possible !== true) return { view: told(view, possible, 'no', now), intents: [] };
  return binding.act(situation);
}

function typeFilter({ view, fleet }: Situation, typing: Entry, press: Press): View {
  if ('key' in press) {
    if (press.key === 'tab') return { ...view, typing: completed(typing, Object.values(fleet.runs)) };
    if (press.key === 'enter') return { ...view, typing: null, filter: typing.text.trim() };
    if (press.key === 'esc') return { ...view, typing: null, filter: '' };
  }
  const next = typed(typing, press);
  return next === null ? view : { ...view, typing: { ...next, text: next.text.replaceAll('\n', ' ') } };
}

const clearToast = (view: View): View => (view.toast === null ? view : { ...view, toast: null });
