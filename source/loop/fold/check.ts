/** What the end of a checker makes of the run: it can refuse what the gates have passed, never pass what they refuse. */
import { findingWords, gathered, isForPerson, readVerdict } from '../crew/verdict.ts';
import type { RunEvent } from '../event.ts';
import type { AgentState, GateResult, RunState, Verdict } from '../state.ts';
import { redPass, toGreen } from './gate.ts';
import { held, traced } from './steps.ts';

type AgentEnded = Extract<RunEvent, { type: 'agent-ended' }>;

export function withCheckerEnded(run: RunState, agent: AgentState, event: AgentEnded, at: number): RunState {
  const { checker } = run.definition;
  const pass = run.passes.find(({ n }) => n === agent.pass);
  if (checker === null || pass === undefined || run.status.tag !== 'open' || run.status.phase !== 'checking')
    return run;
  if (event.tree !== null && pass.tree !== null && event.tree !== pass.tree) {
    const detail = 'the checker changed files, which it may not: look at the worktree, then resume';
    return traced(held(run, { kind: 'paused', why: 'agent', detail, since: at }), at, 'system', detail);
  }
  const verdict = readVerdict(agent.said, run.findings);
  const voted: RunState = { ...run, retry: null, votes: [...run.votes, verdict] };
  const { votes } = voted;
  const count = (says: Verdict['says']) => votes.filter((vote) => vote.says === says).length;
  const unclear = checker.onUncertain === 'pass' ? 0 : count('none');
  const holds = count('holds') + count('none') - unclear;
  const refuted = count('refuted') + unclear;
  const open = checker.votes - votes.length;
  if (open > 0 && Math.abs(holds - refuted) <= open)
    return traced(voted, at, 'gate', `${checker.gate}: ${saysOf(verdict)}`);
  if (holds > refuted) {
    const words = `${holds} of ${votes.length} could not refute it`;
    return toGreen(withResult({ ...voted, findings: [] }, checker.gate, { status: 'green', summary: words }, at), at);
  }
  const findings = gathered(votes, run.findings);
  const summary = findings[0] === undefined ? 'no verdict' : findingWords(findings[0]);
  const tail = findings.map((each) => `${each.id} (${each.kind}): ${findingWords(each)}`).join('\n');
  // A finding that stands keeps its number, so the same refusal is the same failure.
  const fingerprint = `${checker.gate}:${
    findings
      .map(({ id }) => id)
      .sort()
      .join(',') || 'no verdict'
  }`;
  const red = withResult({ ...voted, findings }, checker.gate, { status: 'red', summary, tail, fingerprint }, at);
  if (isForPerson(findings)) {
    const detail = `${checker.gate} needs a person: ${summary}`;
    return held({ ...red, votes: [] }, { kind: 'paused', why: 'approval', detail, since: at });
  }
  return redPass(red, `${checker.gate}: ${summary}`, at);
}

const saysOf = ({ says, findings }: Verdict): string =>
  says === 'none' ? 'no verdict' : says === 'holds' ? 'holds' : findings.map(findingWords).join('; ');

function withResult(
  run: RunState,
  id: string,
  change: Pick<GateResult, 'status' | 'summary'> & Partial<GateResult>,
  at: number,
): RunState {
  const passes = run.passes.map((pass) =>
    pass.n === run.pass
      ? { ...pass, gates: pass.gates.map((gate) => (gate.id === id ? { ...gate, ...change } : gate)) }
      : pass,
  );
  return traced({ ...run, passes }, at, 'gate', `${id} ${change.status}: ${change.summary}`);
}
