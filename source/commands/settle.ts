/** When `run --wait` has waited long enough, and with which exit code. Pure: a run or a fan in, a verdict out. */
import { tally } from '../loop/fanout/fans.ts';
import { capWords, outcomeWords } from '../loop/fanout/words.ts';
import { toKeep } from '../loop/keep-best.ts';
import { goesOnToLand } from '../loop/landing/automatic.ts';
import { agentIsAlive, landedWords } from '../loop/run-status.ts';
import type { FanState, FleetState, RunState } from '../loop/state.ts';

export interface Verdict {
  /** Exit code of the README. */
  readonly code: number;
  /** For people, agent text in it: sanitise before printing. */
  readonly words: string;
}

/**
 * How the run came out; null while it goes on, or while something short of its end holds it that a person or the clock may lift
 * (frozen, drained, a question, a rate limit, a full disk). `noEngine`: its agent could not be started for want of a program.
 */
export function verdict(fleet: Pick<FleetState, 'fans'>, run: RunState, noEngine: boolean): Verdict | null {
  const { id, status } = run;
  // Its best pass is still to come back to the branch.
  if (toKeep(run) !== null) return null;
  if (status.tag === 'ended') {
    switch (status.end.kind) {
      case 'landed':
        return { code: 0, words: `${id} landed ${landedWords(status.end)}`.trim() };
      case 'triaged':
        return { code: 0, words: `${id} has triaged: ${status.end.detail}` };
      case 'exhausted':
        return { code: 3, words: `${id} gave up with gates red: ${status.end.detail}` };
      case 'killed':
        return { code: 6, words: `${id} was ended by ${status.end.by}` };
      case 'failed':
        if (noEngine)
          return { code: 8, words: `${id} has no engine: ${status.end.detail}; looptop doctor shows what is found` };
        return { code: status.end.why === 'config' ? 2 : 1, words: `${id} failed: ${status.end.detail}` };
      case 'discarded':
        return { code: 1, words: `${id} was discarded by ${status.end.by}` };
      case 'lost':
        return { code: 1, words: `${id} was lost: ${status.end.detail}` };
    }
  }
  // The agent of a paused run is being ended: until it is dead it is there, and its last bill is not in.
  if (status.hold?.kind === 'paused' && !agentIsAlive(run)) {
    switch (status.hold.why) {
      case 'budget': {
        // Red as often as it may be: money has nothing to do with it.
        if (status.phase === 'reflecting') {
          return {
            code: 3,
            words: `${id} ${status.hold.detail || 'is still red'}; looptop budget ${id} --passes +2 lets it go on`,
          };
        }
        return { code: 4, words: `${id} ${status.hold.detail || 'is at a cap'}; looptop budget ${id} raises it` };
      }
      case 'stuck':
        return { code: 5, words: `${id} is stuck: ${status.hold.detail}; looptop escalate ${id}, or note, or stop` };
      case 'login':
        return { code: 1, words: `${id} is not logged in: ${status.hold.detail}; then looptop resume ${id}` };
      case 'agent':
      case 'unknown':
        if (noEngine)
          return { code: 8, words: `${id} has no engine: ${status.hold.detail}; looptop doctor shows what is found` };
        return { code: 1, words: `${id} is paused: ${status.hold.detail}; looptop resume ${id}, or stop` };
      default:
        return null;
    }
  }
  if (status.hold === null && status.phase === 'review' && !goesOnToLand(fleet, run)) {
    if (run.unlanded !== null) return { code: 1, words: `${id} is green and did not land: ${run.unlanded.why}` };
    return { code: 0, words: `${id} is green, ${run.commit?.slice(0, 7) ?? 'nothing changed'} on ${run.branch}` };
  }
  return null;
}

/** How the fan came out; null while it goes on, or while its pilot waits for the operator. */
export function fanVerdict(fleet: FleetState, fan: FanState, now: number): Verdict | null {
  const counts = tally(fleet, fan);
  if (fan.endedAt !== null) {
    const bad = counts.failed > 0 || counts.green + counts.landed === 0;
    return { code: bad ? 3 : 0, words: `${fan.id} has ended: ${outcomeWords(counts)}` };
  }
  const cap = capWords(fleet, fan, now);
  if (cap === null || counts.waiting === 0 || counts.running > 0) return null;
  return { code: 4, words: `${fan.id} is at its cap, ${cap}; looptop budget ${fan.id} raises it` };
}
