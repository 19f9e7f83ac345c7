/** What a run of a loop usually costs, by those that are still remembered: a figure to decide by, not a promise. */
import { agentIsAlive } from '../run-status.ts';
import type { FleetState } from '../state.ts';

/** Mean USD of its finished runs; null while there is none with a price. */
export function usualCost(fleet: FleetState, loop: string): number | null {
  const costs = Object.values(fleet.runs)
    .filter(
      (run) => run.loop === loop && !agentIsAlive(run) && (run.status.tag === 'ended' || run.status.phase === 'review'),
    )
    .flatMap(({ meter }) => (meter.total.unpriced || meter.total.usd === 0 ? [] : [meter.total.usd]));
  return costs.length === 0 ? null : costs.reduce((sum, usd) => sum + usd, 0) / costs.length;
}
