/** What to do next, from what is true now. Pure and level-triggered: asked again after a crash, it gives the same answer. */

import { nextOpenGate } from './approval.ts';
import { closedFor, newFleetWarnings, newWarnings, nextWallMark, over, uses } from './budget.ts';
import { isMaker } from './crew/crew.ts';
import { draftRule } from './draft-rule.ts';
import type { Decision, Effect } from './effect.ts';
import type { Event, RunEvent } from './event.ts';
import { passTurn } from './fanout/caps.ts';
import { fanEffects } from './fanout/turn.ts';
import { toFollow } from './follow.ts';
import { hookEffects } from './hooks.ts';
import { lastScored, toKeep } from './keep-best.ts';
import { branchEffects, landingEffects } from './landing/decide-landing.ts';
import { FREEZABLE_MS, limitFor, mayBegin, nextToGo } from './limits.ts';
import { readingEffects } from './review/effects.ts';
import { agentIsAlive, isActive } from './run-status.ts';
import { groupOf } from './schedule/busy.ts';
import { heartbeats } from './schedule.ts';
import { staggered } from './start-order.ts';
import type { FleetState, RunState } from './state.ts';
import { nextSilence } from './stuck/at-work/silent.ts';
import { remedyAtWork, remedyBetweenPasses } from './stuck/remedy.ts';
import { hitEffects } from './triage/promote.ts';

/** All effects that the state calls for at `now` (ms since 1970), and when time alone may change the answer. */
export function decide(fleet: FleetState, now: number): Decision {
  const runs = Object.values(fleet.runs);
  const beats = heartbeats(fleet, now);
  const hits = hitEffects(fleet, now);
  const branches = branchEffects(fleet, now);
  const fans = fanEffects(fleet, now);
  const wanted = [
    ...beats.effects,
    ...runs.flatMap((run) => forRun(fleet, run, now)),
    ...admitted(fleet, runs, now),
    ...forFleet(fleet, runs, now),
    ...hits.effects,
    ...readingEffects(fleet),
    ...branches.effects,
    ...fans.effects,
    ...(fleet.closing || fleet.disk === 'full' ? [] : runs.flatMap(toFollow)),
    ...hookEffects(fleet),
  ];
  const { effects, wakeAt } = staggered(fleet, wanted, now);
  const wakes = [
    ...runs.flatMap((run) => wakeTimes(run, now)),
    ...Object.values(fleet.limits).flatMap(({ until, next }) => {
      const at = Math.max(until ?? Number.POSITIVE_INFINITY, next);
      return Number.isFinite(at) && at > now ? [at] : [];
    }),
    ...[wakeAt, beats.wakeAt, hits.wakeAt, branches.wakeAt, fans.wakeAt].flatMap((at) => at ?? []),
  ];
  return { effects, wakeAt: wakes.length === 0 ? null : Math.min(...wakes) };
}

/** What concerns no single run: who goes on after a provider's limit, and how much of the day is used. */
function forFleet(fleet: FleetState, runs: readonly RunState[], now: number): Effect[] {
  const going = fleet.closing
    ? []
    : nextToGo(fleet, now).map((run) => record(run, `unparked-${run.lastEventAt}`, { type: 'unparked', run: run.id }));
  const warnings = newFleetWarnings(fleet, runs.filter(isActive), now).map(
    ({ cap, share, words }): Effect => ({
      do: 'record',
      key: `record:fleet:${fleet.today}:${cap}:${share}`,
      run: null,
      events: [{ type: 'fleet-warned', cap, share, words }],
    }),
  );
  return [...going, ...warnings];
}

/** Queued runs that may begin: in the order they came, within the agents at once, the loop's own limit and the fleet's caps. */
function admitted(fleet: FleetState, runs: readonly RunState[], now: number): Effect[] {
  if (fleet.closing || fleet.disk === 'full') return [];
  const busy = runs.filter(
    (run) =>
      run.status.tag === 'open' &&
      run.status.phase !== 'queued' &&
      run.status.phase !== 'review' &&
      (run.status.hold === null || agentIsAlive(run)),
  );
  const perGroup = new Map<string, number>();
  for (const run of busy) perGroup.set(groupOf(run), (perGroup.get(groupOf(run)) ?? 0) + 1);
  let room = fleet.settings.maxAgents - busy.length;
  return runs
    .filter(
      (run) =>
        run.status.tag === 'open' && run.status.phase === 'queued' && run.status.hold === null && run.kill === null,
    )
    .sort((a, b) => a.queuedAt - b.queuedAt)
    .flatMap((run): Effect[] => {
      const ofGroup = perGroup.get(groupOf(run)) ?? 0;
      if (room <= 0 || ofGroup >= run.definition.concurrency.max) return [];
      if (!mayBegin(fleet, run, now) || closedFor(fleet, run, now) !== null) return [];
      room--;
      perGroup.set(groupOf(run), ofGroup + 1);
      return [record(run, 'prepare-started', { type: 'prepare-started', run: run.id })];
    });
}

function forRun(fleet: FleetState, run: RunState, now: number): Effect[] {
  const attend = attended(run);
  if (run.kill) return [...attend, { do: 'exterminate', key: `exterminate:${run.id}`, run: run.id }];
  const best = fleet.disk === 'full' ? [] : keptBest(run);
  if (best.length > 0) return best;
  if (run.status.tag === 'ended') return [...attend, ...tornDown(run, now)];
  const { phase, hold } = run.status;
  if (agentIsAlive(run)) return [...attend, ...steered(fleet, run, now)];
  if (hold !== null) return hold.kind === 'paused' && hold.why === 'budget' ? givenUp(run, hold.detail) : [];
  switch (phase) {
    case 'queued':
      return [];
    case 'review':
      return landingEffects(fleet, run);
    case 'checking':
    case 'reflecting':
      return nextJudge(fleet, run, now);
    case 'preparing':
      return fleet.disk === 'full' ? [] : [{ do: 'prepare', key: `prepare:${run.id}`, run: run.id }];
    case 'making':
      return nextAgent(fleet, run, now);
    case 'gating':
      return nextGate(fleet, run, now);
    case 'green':
      return fleet.disk === 'full' ? [] : [{ do: 'commit', key: `commit:${run.id}`, run: run.id }];
  }
}

/** A process that is not known to be dead has its output read, whatever else happens. */
const attended = (run: RunState): Effect[] =>
  run.agent !== null && agentIsAlive(run)
    ? [{ do: 'attend', key: `attend:${run.id}:${run.agent.id}`, run: run.id, agent: run.agent.id }]
    : [];

/** Makes the living process what it should be: running, frozen, told, ended. */
function steered(fleet: FleetState, run: RunState, now: number): Effect[] {
  const { agent } = run;
  if (agent === null) return [];
  const at = { run: run.id, agent: agent.id };
  if (agent.wish.to === 'end') {
    const { polite } = agent.wish;
    return [{ do: 'end', key: `end:${run.id}:${agent.id}:${polite ? 'polite' : 'now'}`, ...at, polite }];
  }
  const cap = budgetEvents(fleet, run, now, true);
  if (cap.length > 0) return cap;
  const parked = parkEvents(fleet, run, now);
  if (parked.length > 0) return parked;
  const stuck = stuckEvents(run, now);
  if (stuck.length > 0) return stuck;
  if (agent.fact.is === 'planned') return [];
  const frozen = agent.wish.to === 'freeze' || fleet.disk === 'full';
  if (frozen !== (agent.fact.is === 'frozen')) {
    return frozen
      ? [{ do: 'freeze', key: `freeze:${run.id}:${agent.id}`, ...at }]
      : [{ do: 'thaw', key: `thaw:${run.id}:${agent.id}`, ...at }];
  }
  if (frozen || !agent.guidance) return [];
  const note = run.notes.find((candidate) => candidate.state === 'waiting');
  return note ? [{ do: 'tell', key: `tell:${run.id}:${agent.id}:${note.id}`, ...at, note: note.id }] : [];
}

/** Warnings and the stop at a cap. Money and tokens are only spent by a living agent, so only then do they stop a run. */
function budgetEvents(fleet: FleetState, run: RunState, now: number, spending: boolean): Effect[] {
  const hit = over(fleet, run, now);
  if (
    hit &&
    (spending || hit.cap === 'wall' || hit.cap === 'fan-wall') &&
    run.status.tag === 'open' &&
    run.status.hold?.kind !== 'paused'
  ) {
    return [record(run, `over-${hit.cap}`, atCap(run, `stopped at its cap, ${hit.words}`))];
  }
  return newWarnings(fleet, run, now).map(({ cap, share, words }) =>
    record(
      run,
      `warn-${cap}-${share}`,
      { type: 'budget-warned', run: run.id, cap, share },
      ...lastWords(run, share, words),
    ),
  );
}

/** What becomes of a run at its cap. `detail` names the cap. */
export function atCap(run: RunState, detail: string): RunEvent {
  // What it has made is judged once more; that costs no tokens. The cap that is reached after that pauses it.
  const wrapsUp = run.definition.onExhausted === 'wrap-up' && run.wrapUp === null && agentIsAlive(run);
  return wrapsUp
    ? { type: 'wrapped-up', run: run.id, detail: `${detail}: the gates judge what there is` }
    : { type: 'paused', run: run.id, why: 'budget', detail };
}

/** At the last warning, an agent that is to wrap up is told so while it can still hear. */
function lastWords(run: RunState, share: number, words: string): Event[] {
  if (run.definition.onExhausted !== 'wrap-up' || share !== run.definition.warnAt.at(-1)) return [];
  const text = `You have used ${words}. You will be stopped at the cap and what stands in the worktree then is judged: bring it into a state that passes, now.`;
  return [{ type: 'note-given', run: run.id, note: `wrap-up-${run.pass}`, text, by: 'looptop' }];
}

/** `on-exhausted: kill`: nobody is asked whether to raise the cap. */
const givenUp = (run: RunState, detail: string): Effect[] =>
  run.definition.onExhausted === 'kill'
    ? [record(run, 'exhausted', { type: 'run-ended', run: run.id, end: { kind: 'exhausted', detail } })]
    : [];

/** The provider refuses its credential: it waits with all the others, as it is where the wait is short. */
function parkEvents(fleet: FleetState, run: RunState, now: number): Effect[] {
  if (run.status.tag !== 'open' || run.status.hold !== null) return [];
  const limit = limitFor(fleet, run, now);
  if (limit === null) return [];
  const freeze = limit.until !== null && limit.until - now <= FREEZABLE_MS;
  const why = limit.why === 'login' ? 'login' : 'rate-limit';
  return [record(run, `parked-${limit.at}`, { type: 'parked', run: run.id, why, detail: limit.detail, freeze })];
}

function stuckEvents(run: RunState, now: number): Effect[] {
  if (run.status.tag !== 'open' || run.status.hold !== null || !run.agent || !isMaker(run.agent.role)) return [];
  const remedy = remedyAtWork(run, now);
  return remedy === null ? [] : [record(run, keyOf(remedy), remedy)];
}

function nextAgent(fleet: FleetState, run: RunState, now: number): Effect[] {
  if (fleet.closing || fleet.disk === 'full') return [];
  const cap = budgetEvents(fleet, run, now, true);
  if (cap.length > 0) return cap;
  const parked = parkEvents(fleet, run, now);
  if (parked.length > 0) return parked;
  if (run.retry && run.retry.notBefore > now) return [];
  const turn = passTurn(fleet, run);
  if (turn === 'over') {
    const hit = uses(fleet, run, now).find(({ cap }) => cap === 'fan-passes');
    return [record(run, 'over-fan-passes', atCap(run, `stopped at its cap, ${hit?.words ?? ''}`))];
  }
  if (turn === 'wait') return [];
  const begun = run.agents > 0;
  const remedy = begun ? null : remedyBetweenPasses(run, now);
  if (remedy) return [record(run, keyOf(remedy), remedy)];
  const draft = begun || run.draft !== null ? null : repeatedDraft(run);
  if (draft) return [draft];
  return [{ do: 'plan', key: `plan:${run.id}:${run.pass}:${run.agents}`, run: run.id }];
}

/** A checker, or the reflector; of the latter nobody waits for money: then the template speaks. */
function nextJudge(fleet: FleetState, run: RunState, now: number): Effect[] {
  if (fleet.closing || fleet.disk === 'full') return [];
  if (run.status.tag === 'open' && run.status.phase === 'reflecting' && over(fleet, run, now) !== null)
    return [
      record(run, 'no-reflector', { type: 'reflection-skipped', run: run.id, because: 'no reflector: at its cap' }),
    ];
  const cap = budgetEvents(fleet, run, now, true);
  if (cap.length > 0) return cap;
  const parked = parkEvents(fleet, run, now);
  if (parked.length > 0) return parked;
  if (run.retry && run.retry.notBefore > now) return [];
  return [{ do: 'plan', key: `plan:${run.id}:${run.pass}:${run.agents}`, run: run.id }];
}

/** One remedy after the other can be due in a pass, and each once. */
const keyOf = (remedy: RunEvent): string =>
  `stuck-${remedy.type}${'rule' in remedy ? `-${remedy.rule}` : ''}${'rung' in remedy ? `-${remedy.rung}` : ''}`;

/** A rule is drafted by itself once the same failure came twice; sooner only at the operator's key. */
function repeatedDraft(run: RunState): Effect | null {
  const ended = run.passes.filter((pass) => pass.endedAt !== null);
  const [previous, last] = ended.slice(-2);
  const draft = draftRule(run);
  if (draft === null || previous === undefined || last === undefined || run.ruled.includes(draft.fingerprint))
    return null;
  const again = [previous, last].every((pass) => pass.gates.some((gate) => gate.fingerprint === draft.fingerprint));
  return again ? record(run, `draft-${draft.fingerprint}`, { type: 'draft-made', run: run.id, draft }) : null;
}

function nextGate(fleet: FleetState, run: RunState, now: number): Effect[] {
  if (fleet.closing || fleet.disk === 'full') return [];
  const cap = budgetEvents(fleet, run, now, false);
  if (cap.length > 0) return cap;
  const gate = nextOpenGate(run);
  if (gate === null) return [];
  if (gate.type === 'human') {
    const detail = `${gate.id}: ${gate.question}`;
    return [record(run, `ask-${gate.id}`, { type: 'paused', run: run.id, why: 'approval', detail })];
  }
  return [{ do: 'gate', key: `gate:${run.id}:${run.pass}:${gate.id}`, run: run.id, pass: run.pass, gate }];
}

/** Before it is torn down or given up: what it made best is what stays. */
function keptBest(run: RunState): Effect[] {
  const best = toKeep(run);
  if (best === null) return [];
  const after = lastScored(run);
  return [{ do: 'keep-best', key: `keep-best:${run.id}:${after}`, run: run.id, best, after }];
}

function tornDown(run: RunState, now: number): Effect[] {
  if (run.tornDown || run.worktree === null || run.status.tag !== 'ended' || agentIsAlive(run)) return [];
  const { keep, type } = run.definition.isolation;
  if (type === 'none') return [];
  const done = ['landed', 'discarded', 'triaged'].includes(run.status.end.kind);
  const aged = agesAt(run);
  return keep === 'never' || (keep === 'on-failure' && done) || (aged !== null && now >= aged)
    ? [{ do: 'tear-down', key: `tear-down:${run.id}`, run: run.id }]
    : [];
}

/** When the worktree that was kept of an ended run has been there long enough; null for never, or when there is none. */
function agesAt({ status, worktree, tornDown, definition }: RunState): number | null {
  const { ttlMs } = definition.isolation;
  return status.tag === 'ended' && worktree !== null && !tornDown && ttlMs !== null ? status.at + ttlMs : null;
}

function wakeTimes(run: RunState, now: number): number[] {
  const aged = agesAt(run);
  if (aged !== null && aged > now) return [aged];
  if (!isActive(run)) return [];
  const wall = nextWallMark(run, now);
  const silence = nextSilence(run, now);
  const retry = run.retry && run.retry.notBefore > now ? run.retry.notBefore : null;
  return [wall, silence, retry].flatMap((at) => (at === null ? [] : [at]));
}

const record = (run: RunState, what: string, ...events: readonly Event[]): Effect => ({
  do: 'record',
  key: `record:${run.id}:${run.pass}:${what}`,
  run: run.id,
  events,
});
