/** From the operator's command about finished work to the events it causes, or to a refusal that says what to do instead. */
import type { Answer, Command, Given, Refusal } from '../command.ts';
import type { RunEvent } from '../event.ts';
import { landingClosed } from '../review/owed.ts';
import { stateWord } from '../run-status.ts';
import type { FleetState, LandHow, RunState } from '../state.ts';
import { formatDuration } from '../units.ts';
import { ownWay } from './automatic.ts';
import { placeWords, queueFor } from './queue.ts';
import { isBranchName, targetOf } from './target.ts';
import { howWords, stepWords } from './words.ts';

/** How long the branch of discarded or landed work is kept. */
export const KEPT_MS = 7 * 24 * 3600_000;

export type LandingCommand = Extract<Command, { do: 'land' | 'discard' | 'send-back' }>;

/** `run` is open. */
export function answerLanding(
  fleet: FleetState,
  run: RunState,
  command: LandingCommand,
  given: Given,
): Answer | Refusal {
  const phase = run.status.tag === 'open' ? run.status.phase : null;
  if (phase !== 'review') {
    const instead = { land: 'only green work lands', discard: 'stop ends it', 'send-back': 'a note reaches it' };
    return refuse(`${run.id} is not in review, it is ${stateWord(run)}: ${instead[command.do]}.`);
  }
  if (run.landing !== null) return refuse(`${landingWords(run)}: looptop stop ${run.id} takes it back.`);
  switch (command.do) {
    case 'land':
      return land(fleet, run, command, given);
    case 'discard': {
      const until = run.commit === null || run.base === null ? {} : { branchUntil: given.now + KEPT_MS };
      const kept = run.base === null ? '' : `; its branch ${run.branch} is kept for ${formatDuration(KEPT_MS)}`;
      const end = { kind: 'discarded', by: given.by, ...until } as const;
      return says(run, `${run.id} is discarded${kept}.`, { type: 'run-ended', run: run.id, end });
    }
    case 'send-back': {
      const text = command.note.trim();
      if (text === '') return refuse('The note is empty: say what is to be changed.', 2);
      const used = run.pass >= run.budget.passes;
      const then = used
        ? `, but its ${run.budget.passes} passes are used: looptop budget ${run.id} --passes +2 lets it go on`
        : `; pass ${run.pass + 1} begins with your note`;
      const event = { type: 'sent-back', run: run.id, note: given.random.slice(0, 12), text, by: given.by } as const;
      return says(run, `${run.id} goes back to its maker${then}.`, event);
    }
  }
}

function land(
  fleet: FleetState,
  run: RunState,
  command: Extract<Command, { do: 'land' }>,
  given: Given,
): Answer | Refusal {
  const { definition } = run;
  if (definition.kind === 'open') return refuse(`${run.id} is of kind open: it explores, and may never land.`);
  if (run.base === null || run.commit === null) return refuse(`${run.id} has no branch of its own: nothing to land.`);
  const closed = landingClosed(fleet, run.loop);
  if (closed !== null) return refuse(`${run.id} does not land: ${closed}.`);
  const how = command.how ?? usualWay(fleet, run);
  if (how !== 'pr' && definition.onSuccess.merge === 'never')
    return refuse(
      `loops/${run.loop}.md says merge: never: its work lands as a pull request (--pr), or by your own hand.`,
    );
  if (command.onto !== undefined && !isBranchName(command.onto))
    return refuse(`--onto ${command.onto} is no name of a branch of yours.`, 2);
  const target = command.onto ?? targetOf(fleet, run);
  if (target === null)
    return refuse(
      `${run.id} started from no branch: name the one it lands on, looptop land ${run.id} --onto BRANCH.`,
      2,
    );
  const place = placeWords(queueFor(fleet, target).length + 1);
  const push = command.push === true && how !== 'pr';
  const event = { type: 'land-asked', run: run.id, how, target, push, by: given.by } as const;
  return says(run, `${run.id} lands, ${howWords(event)}: ${place}.`, event);
}

/** As its loop says; else its commits follow those of the target. */
export const usualWay = (fleet: FleetState, run: RunState): LandHow =>
  ownWay(fleet, run) ?? (run.definition.onSuccess.pr !== null ? 'pr' : 'rebase');

/** `ci-fix-3 lands already, rebase on main: it is 2nd in the queue`. */
export const landingWords = ({ id, landing }: RunState): string =>
  landing === null ? `${id} does not land` : `${id} lands already, ${howWords(landing)}: ${stepWords(landing)}`;

const says = (run: RunState, text: string, event: RunEvent): Answer => ({ events: [event], text, run: run.id });
const refuse = (refused: string, code = 1): Refusal => ({ refused, code });
