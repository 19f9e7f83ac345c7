/** The end of a triage run: what its agent says is read by its form, and its findings count once its gates, if any, have passed. */
import { readRankings } from '../crew/triage-answer.ts';
import type { AgentState, RunState } from '../state.ts';
import { candidatesOf } from '../triage/candidates.ts';
import { isAboveMark } from '../triage/hits.ts';
import { triagedWords } from '../triage/words.ts';
import { ended, held, traced } from './steps.ts';

/** The run with what its triage agent has said; of another agent, as it is. */
export function withRankings(run: RunState, agent: AgentState): RunState {
  if (agent.role !== 'triage') return run;
  const candidates = candidatesOf(run.item);
  const keys = candidates.length === 0 ? null : candidates.map(({ key }) => key);
  return { ...run, rankings: readRankings(agent.said, keys) };
}

/** Answers in a row that may be unreadable: one more try, then a person looks. */
const TRIES = 2;

export function unreadable(run: RunState, at: number): RunState {
  const failures = (run.retry?.failures ?? 0) + 1;
  const words = 'the triage agent gave no answer that can be read';
  if (failures < TRIES) {
    const again: RunState = { ...run, retry: { failures, notBefore: at }, next: { how: 'fresh' } };
    return traced(again, at, 'system', `${words}, it is asked once more`);
  }
  const detail = `${words}, ${failures} times: looptop log ${run.id} shows what it said`;
  return traced(
    held({ ...run, retry: null }, { kind: 'paused', why: 'agent', detail, since: at }),
    at,
    'system',
    detail,
  );
}

/** Nothing of it is committed or to be read: what it found stands among the hits. */
export function triaged(run: RunState, at: number): RunState {
  const rankings = run.rankings ?? [];
  const candidates = candidatesOf(run.item).length;
  const hits = rankings.filter((each) => isAboveMark(each, run.definition.onHit)).length;
  const detail = triagedWords(hits, rankings, candidates === 0 ? null : candidates);
  const passes = run.passes.map((pass) =>
    pass.n === run.pass ? { ...pass, endedAt: at, why: detail, falseDone: false } : pass,
  );
  return ended({ ...run, passes, draft: null, retry: null }, { kind: 'triaged', detail }, at, detail);
}
