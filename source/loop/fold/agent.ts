/** What an agent process's output and its death make of the run. Nothing an agent says can turn the run green. */
import type { AgentEvent } from '../agent-event.ts';
import { isMaker } from '../crew/crew.ts';
import type { RunEvent } from '../event.ts';
import { hide, record, settle } from '../meter.ts';
import type { AgentState, Note, RunState } from '../state.ts';
import { retryWait } from '../stuck/api-error.ts';
import { withCall, withResponse, withText } from '../stuck/watch.ts';
import { withCheckerEnded } from './check.ts';
import { startGates } from './gate.ts';
import { withAsked, withoutAsk } from './question.ts';
import { withReflectorEnded } from './reflect.ts';
import { held, inPhase, traced } from './steps.ts';
import { heard, observed, watched } from './stuck.ts';
import { unreadable, withRankings } from './triage.ts';

/** Characters of what a judge says that are kept: its answer stands at the end. */
const SAID_KEPT = 32_000;

export function withAgentEvents(run: RunState, event: Extract<RunEvent, { type: 'agent-read' }>, at: number): RunState {
  const { agent } = run;
  if (agent?.id !== event.agent || agent.fact.is === 'dead' || event.offset < agent.offset) return run;
  const books = event.books === undefined ? {} : { books: event.books && { ...agent.books, ...event.books } };
  const read = heard({ ...run, agent: { ...agent, offset: event.offset, ...books } }, at);
  const next = event.events.reduce((so, one) => withAgentEvent(so, one, at), read);
  if (event.total === undefined || next.session === null) return next;
  return { ...next, session: { ...next.session, total: event.total } };
}

export function withAgentEvent(run: RunState, event: AgentEvent, at: number): RunState {
  const { agent } = run;
  if (agent === null) return run;
  switch (event.type) {
    case 'started':
      return {
        ...run,
        agent: { ...agent, session: event.session },
        ...(isMaker(agent.role) ? { session: sessionOf(run, agent, event.session) } : {}),
      };
    case 'thought':
      return traced(
        watched(run, (watch) => withText(watch, event)),
        at,
        'thought',
        event.text,
      );
    case 'said': {
      const said = agent.role === 'maker' ? '' : `${agent.said}\n${event.text}`.slice(-SAID_KEPT);
      const next = watched({ ...run, agent: { ...agent, said } }, (watch) => withText(watch, event));
      return traced(next, at, 'said', event.text);
    }
    case 'acted': {
      const { calls, watch } = withCall(run.calls, run.stuck.watch, event);
      const next = { ...run, calls, stuck: { ...run.stuck, watch } };
      return traced(next, at, 'act', `${event.tool} ${event.input}`.trim());
    }
    case 'observed':
      return traced(observed(run, event), at, event.ok ? 'ok' : 'fail', event.output);
    case 'usage': {
      const billed = { ...run, meter: record(run.meter, event) };
      return event.final ? watched(billed, withResponse) : billed;
    }
    case 'asked':
      return withAsked(run, event, at);
    case 'answered':
      return withoutAsk(run, event.id);
    case 'heard':
      return {
        ...run,
        notes: run.notes.map(
          (note): Note =>
            note.state === 'written' && event.text.includes(note.text) ? { ...note, state: 'heard' } : note,
        ),
      };
    case 'retrying':
      // It has said how long it will be silent.
      return traced(
        heard(run, at + event.inMs),
        at,
        'system',
        `retrying in ${Math.round(event.inMs / 1000)} s: ${event.reason}`,
      );
    case 'limited':
      return traced({ ...run, agent: { ...agent, limited: true } }, at, 'system', event.detail);
    case 'hidden':
      return { ...run, meter: hide(run.meter, event.what) };
    case 'warned':
      return traced(run, at, 'system', event.text);
    case 'ended':
      return { ...run, agent: { ...agent, outcome: { outcome: event.outcome, error: event.error ?? null } } };
    case 'unknown':
      return traced(run, at, 'unknown', event.raw.slice(0, 400));
  }
}

/** The same session again keeps what is known of it. */
const sessionOf = ({ session }: RunState, { engine }: AgentState, id: string): RunState['session'] =>
  session?.id === id && session.engine === engine ? session : { engine, id };

export function withAgentEnded(run: RunState, event: Extract<RunEvent, { type: 'agent-ended' }>, at: number): RunState {
  const { agent } = run;
  if (agent?.id !== event.agent || agent.fact.is === 'dead') return run;
  const dead: AgentState = { ...agent, fact: { is: 'dead', code: event.code, signal: event.signal } };
  const passes = isMaker(agent.role)
    ? run.passes.map((pass) => (pass.n === agent.pass ? { ...pass, tree: event.tree ?? pass.tree } : pass))
    : run.passes;
  const meter = settle(run.meter, (key) => Object.hasOwn(run.wire, key));
  const closed: RunState = withRankings({ ...run, agent: dead, meter, passes }, dead);
  if (closed.status.tag === 'ended' || closed.kill) return closed;
  // A question dies with the process that asked it.
  const free = closed.status.hold?.kind === 'waiting' ? held(closed, null) : closed;
  if (free.wrapUp !== null && agent.wish.to === 'end' && agent.wish.cause === 'budget')
    return startGates(inPhase({ ...free, retry: null }, 'gating'), at);
  if (agent.wish.to === 'end' && agent.wish.cause === 'stuck' && free.stuck.cut?.pass === agent.pass)
    return startGates(inPhase({ ...free, retry: null }, 'gating'), at);
  if (agent.wish.to === 'end' && !isMaker(agent.role)) return free;
  if (agent.wish.to === 'end') return { ...free, next: { how: 'resume', because: agent.wish.cause } };
  return afterOwnEnd(free, dead, event, at);
}

/** The process ended by itself: on to the gates when its turn was over, else another try or a person. */
function afterOwnEnd(
  run: RunState,
  agent: AgentState,
  event: Extract<RunEvent, { type: 'agent-ended' }>,
  at: number,
): RunState {
  if (agent.role === 'reflector') return withReflectorEnded(run, agent, at);
  const outcome = agent.outcome?.outcome;
  if (agent.role === 'checker' && (outcome === 'done' || outcome === 'max-turns' || (run.retry?.failures ?? 0) >= 2))
    return withCheckerEnded(run, agent, event, at);
  if (outcome === 'done' || outcome === 'max-turns' || outcome === 'over-budget') {
    if (agent.role === 'triage' && run.rankings === null) return unreadable(run, at);
    return startGates(inPhase({ ...run, retry: null }, 'gating'), at);
  }
  // The provider's doing: it is parked with the others and then goes on where it was.
  if (agent.limited) return { ...run, retry: null, next: { how: 'resume', because: 'stop' } };
  const failures = (run.retry?.failures ?? 0) + 1;
  const words = agent.outcome?.error ?? lastLine(event.stderr) ?? exitWords(event);
  const wait = retryWait(run.definition, failures);
  const resume = {
    ...run,
    retry: { failures, notBefore: at + (wait ?? 0) },
    next: { how: 'resume', because: 'stop' } as const,
  };
  if (wait === null || outcome === 'refused') {
    return traced(
      held(
        { ...resume, retry: null },
        { kind: 'paused', why: 'agent', detail: `the agent failed ${failures} times: ${words}`, since: at },
      ),
      at,
      'system',
      words,
    );
  }
  return traced(resume, at, 'system', `the agent failed, next try in ${wait / 1000} s: ${words}`);
}

const lastLine = (text: string): string | null => text.trim().split('\n').at(-1)?.trim() || null;

function exitWords(event: { code: number | null; signal: string | null }): string {
  if (event.code !== null) return `it ended with exit code ${event.code} and without a result`;
  return event.signal === null ? 'it vanished without an exit code' : `it was ended by ${event.signal}`;
}
