/** Ends a supervisor that nobody needs: without a client, a run at work, a bill to come or a heartbeat, for half an hour. The next verb starts another. */
import { agentIsAlive, isActive, isLanding } from '../loop/run-status.ts';
import { someBeat } from '../loop/schedule/pulse.ts';
import type { FleetState } from '../loop/state.ts';
import { parseDuration } from '../loop/units.ts';

const LOOK_EVERY_MS = 2000;
const IDLE_MS = 30 * 60_000;

export interface Watched {
  clients(): number;
  state(): FleetState;
}

/**
 * Calls `idle` once, when there was nothing to do for LOOPTOP_IDLE_EXIT (a duration, 30m), or `orphaned` when there was no
 * client for LOOPTOP_ORPHAN_EXIT, whatever the runs do; unset, which is the rule, that never happens. The demo sets it, so
 * that a demo whose terminal was closed leaves nothing behind.
 */
export function watchForIdle(
  watched: Watched,
  env: NodeJS.ProcessEnv,
  idle: () => void,
  orphaned: () => void,
): Disposable {
  const idleMs = parseDuration(env.LOOPTOP_IDLE_EXIT ?? '') ?? IDLE_MS;
  const orphanMs = parseDuration(env.LOOPTOP_ORPHAN_EXIT ?? '') ?? Number.POSITIVE_INFINITY;
  let busyAt = performance.now();
  let clientAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (watched.clients() > 0) clientAt = now;
    const works = Object.values(watched.state().runs).some(
      // The bill of a dead agent's last request may still be to come.
      (run) =>
        isActive(run) || isLanding(run) || agentIsAlive(run) || run.kill !== null || Object.keys(run.wire).length > 0,
    );
    // Nobody would be there to fire.
    const waits = someBeat(watched.state(), Date.now());
    if (works || waits || watched.clients() > 0) busyAt = now;
    if (now - busyAt >= idleMs) stop(idle);
    else if (now - clientAt >= orphanMs) stop(orphaned);
  }, LOOK_EVERY_MS);
  const stop = (then: () => void) => {
    clearInterval(timer);
    then();
  };
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
