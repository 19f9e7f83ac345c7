/** A landing in words: what it is, how far it is, and one plain line for each of its events. */
import type { Landing, RunState } from '../state.ts';
import type { BranchDropped, LandingEvent } from './event.ts';
import { obstacleWords } from './note.ts';
import { placeWords } from './queue.ts';

/** `rebase on main`, `pull request for main`. */
export const howWords = ({ how, target }: Pick<Landing, 'how' | 'target'>): string =>
  how === 'pr' ? `pull request for ${target}` : `${how} on ${target}`;

/** `2 of 5 gates run on the merged tree`, `it is 2nd in the queue`. */
export function stepWords({ how, target, place, step }: Landing): string {
  if (place > 1) return placeWords(place);
  switch (step.is) {
    case 'merging':
      return `it is put together with ${target}`;
    case 'gating': {
      const done = step.gates.filter(({ status }) => status !== 'pending' && status !== 'running').length;
      return `${done} of ${step.gates.length} gates run on the merged tree`;
    }
    case 'moving':
      return how === 'pr' ? 'the request is opened' : `${target} is moved`;
    case 'returning':
      return 'it goes back to its maker';
  }
}

/** Why the target could not be pushed after it had moved; empty when it was, or was not to be. */
export const pushFailure = ({ landing, pushed }: Pick<RunState, 'landing' | 'pushed'>): string =>
  landing?.push === true ? (pushed?.failed ?? '') : '';

/** One line, without the run's name; null for what nobody waits for. */
export function describeLanding(event: LandingEvent): string | null {
  switch (event.type) {
    case 'pushed':
      return event.failed === '' ? `pushed to ${event.to}` : `could not be pushed: ${event.failed}`;
    case 'land-asked':
      return `lands, ${howWords(event)}, asked by ${event.by}`;
    case 'land-withdrawn':
      return `does not land, says ${event.by}`;
    case 'land-refused':
      return `does not land: ${event.why}`;
    case 'land-merged':
      return `merged onto ${event.onto.slice(0, 7)}, ${event.files} ${event.files === 1 ? 'file' : 'files'} +${event.added} -${event.removed}`;
    case 'land-conflicted':
      return `cannot land: ${obstacleWords({ is: 'conflict', files: event.files, hunks: '' })}`;
    case 'land-gate-ended':
      return event.status === 'green' ? null : `${event.gate} ${event.status} on the merged tree: ${event.summary}`;
    case 'land-stale':
      return `lands from the top: ${event.tip === null ? 'the merged tree is gone' : `its target has moved to ${event.tip.slice(0, 7)}`}`;
    case 'land-returned':
      return 'goes back to its maker';
    case 'sent-back':
      return `sent back by ${event.by}: ${event.text}`;
    case 'land-gate-started':
      return null;
  }
}

export const describeBranch = ({ branch, of, kept }: BranchDropped): string =>
  kept === null ? `branch ${branch} of ${of} is deleted, its week is over` : `branch ${branch} of ${of} stays: ${kept}`;
