/** The keys for finished work, rows of the keymap like any other: land it, give it back, throw it away. */
import { landingClosed } from '../../loop/review/owed.ts';
import type { RunState } from '../../loop/state.ts';
import { statusWord } from '../../loop/status-word.ts';
import type { Done } from '../actions.ts';
import { confirmDiscard, confirmLand } from '../dialogs/confirm-landing.ts';
import type { Dialog } from '../dialogs/dialog.ts';
import { openSendBack } from '../dialogs/note.ts';
import { legend, noRun, type Situation, targets } from '../view.ts';
import type { Binding } from './binding.ts';

const BOTH = ['fleet', 'loop'] as const;

const open = ({ view }: Situation, dialog: Dialog): Done => ({
  view: { ...view, dialogs: [...view.dialogs, dialog] },
  intents: [],
});

/** Green, and nobody has asked to land it yet. */
const isFinished = ({ status, landing }: RunState): boolean =>
  status.tag === 'open' && status.phase === 'review' && status.hold === null && landing === null;

const finished = (situation: Situation): readonly RunState[] => targets(situation).filter(isFinished);

/** Some of what is chosen is finished and `fits`; else a reason that names it. */
const forFinished =
  (what: string, fits: (run: RunState) => true | string = () => true) =>
  (situation: Situation): true | string => {
    const [first] = targets(situation);
    if (first === undefined) return noRun(situation);
    const runs = finished(situation);
    const [head] = runs;
    if (head !== undefined) return runs.some((run) => fits(run) === true) ? true : fits(head);
    if (first.status.tag === 'open' && first.landing !== null)
      return `${first.id} lands already: ${legend(situation)('x')} takes it back.`;
    return `${first.id} is not green (${statusWord(first).word}): nothing to ${what}.`;
  };

export const LANDING_KEYS: readonly Binding[] = [
  {
    action: 'land',
    keys: ['L'],
    where: BOTH,
    when: (situation) =>
      forFinished('land', ({ id, loop, definition }) => {
        if (definition.kind === 'open') return `${id} is of kind open: it explores, and may never land.`;
        const closed = landingClosed(situation.fleet, loop);
        return closed === null ? true : `${closed}.`;
      })(situation),
    help: 'land green work on its target (asks)',
    footer: null,
    act: (situation) =>
      open(
        situation,
        confirmLand(
          situation.fleet,
          finished(situation).filter(({ definition }) => definition.kind !== 'open'),
        ),
      ),
  },
  {
    action: 'send-back',
    keys: ['b'],
    where: BOTH,
    when: forFinished('send back'),
    help: 'send green work back to its maker, with a note',
    footer: null,
    act: (situation) => open(situation, openSendBack(finished(situation))),
  },
  {
    action: 'discard',
    keys: ['D'],
    where: BOTH,
    when: forFinished('discard'),
    help: 'discard green work; its branch stays for a week (asks)',
    footer: null,
    act: (situation) => open(situation, confirmDiscard(finished(situation))),
  },
];
