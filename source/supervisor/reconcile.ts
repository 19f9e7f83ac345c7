/** Keeps what is under way equal to what the state calls for: starts what is missing, ends what is no longer wanted, wakes when time alone changes the answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { decide } from '../loop/decide.ts';
import type { Effect } from '../loop/effect.ts';
import type { FleetState } from '../loop/state.ts';

/** Carries out one effect. It must end soon after `signal` aborts, and leave its result in the ledger. */
export type CarryOut = (effect: Effect, signal: AbortSignal) => Promise<void>;

export interface Reconciler {
  /** To be called after every change of state. */
  look(): void;
  /** Ends everything under way (the agents themselves live on) and starts nothing more. */
  close(): Promise<void>;
}

/** An effect that ended without changing its run is not tried again before this, or it would spin; each further time it waits twice as long. */
const SPIN_GUARD_MS = { first: 1000, longest: 15_000 } as const;
/** How long effects may take to let go at the end. */
const CLOSE_MS = 5000;
/** Longest sleep of the timer; a longer delay would overflow setTimeout. */
const LONGEST_SLEEP_MS = 60_000;

interface UnderWay {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export function reconciler(
  state: () => FleetState,
  now: () => number,
  carryOut: CarryOut,
  failed: (effect: Effect, cause: unknown, times: number) => void,
): Reconciler {
  const underWay = new Map<string, UnderWay>();
  /** The run, or the heartbeat, as it was when an effect last ended, and until when it then is left alone. */
  const ended = new Map<string, { run: unknown; times: number; until: number }>();
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  const subject = (effect: Effect): unknown => {
    if ('loop' in effect) return state().beats[effect.loop];
    if ('fan' in effect) return state().fans[effect.fan];
    return effect.run === null ? state() : state().runs[effect.run];
  };

  /** How often it has ended before without any change of its run since. */
  const timesOf = (effect: Effect): number => {
    const last = ended.get(effect.key);
    return last && last.run === subject(effect) ? last.times : 0;
  };

  const start = (effect: Effect) => {
    const abort = new AbortController();
    const done = carryOut(effect, abort.signal)
      .catch((cause: unknown) => {
        if (!abort.signal.aborted) failed(effect, cause, timesOf(effect) + 1);
      })
      .finally(() => {
        underWay.delete(effect.key);
        const times = timesOf(effect) + 1;
        const wait = Math.min(SPIN_GUARD_MS.longest, SPIN_GUARD_MS.first * 2 ** (times - 1));
        ended.set(effect.key, { run: subject(effect), times, until: now() + wait });
        look();
      });
    underWay.set(effect.key, { abort, done });
  };

  const look = () => {
    if (closed) return;
    const { effects, wakeAt } = decide(state(), now());
    const wanted = new Set(effects.map((effect) => effect.key));
    for (const [key, { abort }] of underWay) if (!wanted.has(key)) abort.abort();
    for (const key of ended.keys()) if (!wanted.has(key)) ended.delete(key);
    let wake = wakeAt ?? Number.POSITIVE_INFINITY;
    for (const effect of effects) {
      if (underWay.has(effect.key)) continue;
      const last = ended.get(effect.key);
      if (last && last.run === subject(effect) && now() < last.until) wake = Math.min(wake, last.until);
      else start(effect);
    }
    if (timer) clearTimeout(timer);
    timer = null;
    if (Number.isFinite(wake)) timer = setTimeout(look, Math.min(LONGEST_SLEEP_MS, Math.max(10, wake - now())));
  };

  return {
    look,
    close: async () => {
      closed = true;
      if (timer) clearTimeout(timer);
      const all = [...underWay.values()];
      for (const { abort } of all) abort.abort();
      // One that waits for a disk that is full or gone must not keep the supervisor from ending.
      await Promise.race([Promise.all(all.map(({ done }) => done)), sleep(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}
