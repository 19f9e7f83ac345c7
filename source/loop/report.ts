/** What an agent may say through `looptop mcp`, and what comes of it. Only for its own run, and never more than a draft or a question. */
import type { Answer } from './answer.ts';
import type { Refusal } from './command.ts';
import { isMaker } from './crew/crew.ts';
import { draftRule } from './draft-rule.ts';
import { loopRecord } from './loop-record.ts';
import { askByTool, isByTool } from './question.ts';
import { checkRuleScope, checkRuleText, sameLesson } from './rules.ts';
import { agentIsAlive, holdOf, redGate, stateWord } from './run-status.ts';
import type { FleetState, RunState } from './state.ts';
import { comeAcross, type ReportedHit } from './triage/come-across.ts';

export type Report =
  /** A question to the operator; `ask` is the agent's own id for it, the same when it asks again after a lost connection. */
  | { readonly do: 'ask'; readonly ask: string; readonly question: string; readonly options?: readonly string[] }
  /** Nobody waits for the answer any more. */
  | { readonly do: 'ask-over'; readonly ask: string; readonly because: string }
  | { readonly do: 'rule'; readonly text: string; readonly scope?: string }
  | ({ readonly do: 'hit' } & ReportedHit)
  | { readonly do: 'progress'; readonly text: string }
  | { readonly do: 'state' };

/** Who reports: the run, and the mark that only what it started carries. */
export interface Reporter {
  readonly run: string;
  readonly nonce: string;
}

/** The run that the reporter may speak for. */
export function runOfReporter(fleet: FleetState, { run: id, nonce }: Reporter): RunState | Refusal {
  const run = Object.hasOwn(fleet.runs, id) ? fleet.runs[id] : undefined;
  // The same words for both: which runs there are is nobody's business who has no mark.
  if (run === undefined || nonce === '' || run.nonce !== nonce)
    return refuse('only what a run itself has started may speak for it, and this carries the mark of none');
  if (run.status.tag === 'ended' || run.kill !== null) return refuse(`${run.id} has ended`);
  if (!agentIsAlive(run) || run.agent === null || !isMaker(run.agent.role))
    return refuse(`no agent of ${run.id} is at work that could report anything`);
  return run;
}

export function heed(
  fleet: FleetState,
  reporter: Reporter,
  report: Exclude<Report, { do: 'progress' }>,
): Answer | Refusal {
  const run = runOfReporter(fleet, reporter);
  if ('refused' in run) return run;
  switch (report.do) {
    case 'ask':
      return ask(run, report);
    case 'ask-over': {
      const hold = holdOf(run);
      const ours = isByTool(hold) && hold.ask === askByTool(report.ask);
      const text = ours ? 'The question is withdrawn.' : 'No such question is open.';
      const closed = {
        type: 'question-closed',
        run: run.id,
        ask: askByTool(report.ask),
        because: report.because,
      } as const;
      return { events: ours ? [closed] : [], text, run: run.id };
    }
    case 'rule':
      return propose(fleet, run, report);
    case 'hit':
      return comeAcross(fleet, run, report);
    case 'state':
      return { events: [], text: JSON.stringify(loopRecord(fleet, run.loop), null, 2), run: run.id };
  }
}

/** What the operator answered; null while nobody has. */
export const answerTo = (run: RunState, ask: string): string | null =>
  run.notes.find((note) => note.answers === askByTool(ask))?.text ?? null;

function ask(run: RunState, { ask, question, options }: Extract<Report, { do: 'ask' }>): Answer | Refusal {
  const hold = holdOf(run);
  const id = askByTool(ask);
  if (answerTo(run, ask) !== null || (isByTool(hold) && hold.ask === id)) return { events: [], text: '', run: run.id };
  if (hold !== null) return refuse(`${run.id} is ${stateWord(run)}: nobody can be asked now`);
  if (question.trim() === '') return refuse('the question is empty');
  return {
    events: [{ type: 'question-asked', run: run.id, ask: id, question: question.trim(), ...(options && { options }) }],
    text: '',
    run: run.id,
  };
}

/** Words of the agent's own for the failure that its gates last showed. The operator decides, as on every draft. */
function propose(fleet: FleetState, run: RunState, { text, scope }: Extract<Report, { do: 'rule' }>): Answer | Refusal {
  const last = run.passes.findLast((pass) => pass.endedAt !== null);
  const draft = redGate(run, last) === undefined ? null : draftRule(run);
  if (draft === null)
    return refuse('a rule is a lesson from a red gate, and the last pass of this run has none: report it as progress');
  if (run.ruled.includes(draft.fingerprint))
    return refuse('the operator has already decided on a rule for this failure');
  const complaint = checkRuleText(text) ?? checkRuleScope(scope ?? draft.scope);
  if (complaint !== null) return refuse(complaint);
  const twin = sameLesson(text, Object.values(fleet.rules));
  if (twin) return refuse(`${twin.id} says that already: ${twin.text}`);
  const made = { ...draft, text: text.trim(), scope: scope ?? draft.scope };
  const said = 'It waits for the operator, who may change it, keep it or drop it. It is no rule until then.';
  return { events: [{ type: 'draft-made', run: run.id, draft: made }], text: said, run: run.id };
}

const refuse = (refused: string): Refusal => ({ refused, code: 1 });
