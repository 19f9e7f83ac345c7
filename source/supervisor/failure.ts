/** What becomes of a run when something the supervisor does for it fails, and of all of them when the supervisor has lost its home. */
import type { Effect } from '../loop/effect.ts';
import { agentIsAlive, holdOf, isOpen } from '../loop/run-status.ts';
import { isDiskFull } from './full-disk.ts';
import { type House, runOf } from './house.ts';
import { killTree } from './process/kill.ts';
import { shortage } from './room.ts';

/** What git fails at can be a lock, or a git of the operator's. */
const LAND_TRIES = 3;

/** Ends every process of every open run, at once. */
export async function killAll({ ledger, log }: House): Promise<void> {
  const open = Object.values(ledger.state.runs).filter((run) => isOpen(run) || agentIsAlive(run));
  for (const ended of await Promise.allSettled(open.map((run) => killTree(run.nonce, null, { politeMs: 0 }))))
    if (ended.status === 'rejected') log(String(ended.reason));
}

/** A run whose effect cannot be carried out ends with words, or waits where a person or time can help; what only steers is tried again. */
export async function failed(
  house: House,
  places: readonly string[],
  effect: Effect,
  cause: unknown,
  times: number,
): Promise<void> {
  const { ledger, log } = house;
  const words = cause instanceof Error ? cause.message : String(cause);
  if (times === 1) log(`${effect.key}: ${cause instanceof Error ? (cause.stack ?? words) : words}`);
  // Git does not always say that it was the disk. Once there is room, the effect is wanted again.
  const short = isDiskFull(cause) ? words : await shortage(places, 1).catch(() => null);
  if (short !== null) return ledger.diskFull(short);
  switch (effect.do) {
    case 'prepare':
    case 'plan':
    case 'commit':
    case 'gate':
      return ledger.record({ type: 'run-failed', run: effect.run, why: 'infra', detail: words });
    case 'land-merge':
    case 'land-gate':
    case 'land-move':
    case 'land-request':
      // Whether the target has moved is asked of git each time, so trying again is safe, and giving up loses nothing.
      return times < LAND_TRIES ? undefined : ledger.record({ type: 'land-refused', run: effect.run, why: words });
    case 'land-return':
      if (times < LAND_TRIES) return;
      return ledger.record({ type: 'land-returned', run: effect.run, base: null, detail: words });
    case 'push': {
      const { commit } = runOf(house, effect.run);
      if (commit === null) return;
      return ledger.record({ type: 'pushed', run: effect.run, commit, to: null, failed: words });
    }
    case 'attend':
      if (holdOf(runOf(house, effect.run))?.kind === 'paused') return;
      return ledger.record({ type: 'paused', run: effect.run, why: 'agent', detail: words });
    default:
      return;
  }
}
