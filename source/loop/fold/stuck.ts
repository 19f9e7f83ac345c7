/** What the stuck rules have seen and done, as the fold keeps it: what was heard, what looks odd, which pass was ended and why. */
import type { AgentEvent } from '../agent-event.ts';
import type { RunEvent } from '../event.ts';
import type { RunState, StuckState } from '../state.ts';
import { NOTHING_SEEN, spokenTo, type Watch, withResult } from '../stuck/watch.ts';
import { fresh } from '../tokens.ts';
import { traced, wishEnd, withNote } from './steps.ts';

export const NOT_STUCK: StuckState = { watch: NOTHING_SEEN, suspicion: null, cut: null, cuts: 0, climbed: '' };

const changed = (run: RunState, change: Partial<StuckState>): RunState => ({
  ...run,
  stuck: { ...run.stuck, ...change },
});

export const watched = (run: RunState, change: (watch: Watch) => Watch): RunState => {
  const watch = change(run.stuck.watch);
  return watch === run.stuck.watch ? run : changed(run, { watch });
};

/** A new process: nothing that another one did is held against it. */
export const newlyWatched = (run: RunState, at: number): RunState =>
  changed(
    { ...run, calls: [], nudged: [] },
    { suspicion: null, watch: { ...NOTHING_SEEN, heardAt: at, news: spent(run) } },
  );

/** It lives, or begins to be listened to (`at`, ms since 1970). */
export function heard(run: RunState, at: number): RunState {
  const { suspicion, watch } = run.stuck;
  return changed(run, {
    suspicion: suspicion?.rule === 'silent' ? null : suspicion,
    watch: { ...watch, heardAt: at },
  });
}

export function observed(run: RunState, event: Extract<AgentEvent, { type: 'observed' }>): RunState {
  const { calls, watch, news } = withResult(run.calls, run.stuck.watch, event, spent(run));
  const suspicion = news ? null : run.stuck.suspicion;
  return changed({ ...run, calls }, { watch, suspicion });
}

/** A person has spoken to the agent; looptop's own nudges are no such thing. */
export const instructed = (run: RunState, by: string): RunState =>
  by === 'looptop' ? run : watched({ ...run, calls: [], nudged: [] }, spokenTo);

export const suspected = (
  run: RunState,
  { rule, words }: Extract<RunEvent, { type: 'suspected' }>,
  at: number,
): RunState => traced(changed(run, { suspicion: { rule, words, since: at } }), at, 'system', words);

/** The agent is ended; when it is dead, the gates judge what there is. */
export function cut(
  run: RunState,
  { rule, words, advice }: Extract<RunEvent, { type: 'pass-cut' }>,
  at: number,
): RunState {
  const next = changed(run, { cut: { pass: run.pass, words }, cuts: run.stuck.cuts + 1, suspicion: null });
  const told = withNote(next, `cut-${rule}-${run.pass}`, advice, 'looptop', at);
  return wishEnd(traced(told, at, 'system', `pass ${run.pass} is ended: ${words}`), 'stuck', false);
}

/** On another rung nothing counts that was counted on the last. */
export const climbed = (run: RunState, because: string): RunState =>
  changed(run, { cut: null, cuts: 0, climbed: because });

function spent({ meter }: RunState): NonNullable<Watch['news']> {
  return { fresh: fresh(meter.total.tokens), usd: meter.total.usd };
}
