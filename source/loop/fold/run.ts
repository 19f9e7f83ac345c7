/** What one event makes of one run. Only `gate-ended` can turn a run green; an ended run takes nothing but its last bills and receipts. */

import { isMaker, resolveModel } from '../crew/crew.ts';
import type { RunEvent } from '../event.ts';
import { foldLanding } from '../landing/fold-landing.ts';
import { provenance } from '../meter.ts';
import { spentAt } from '../pace.ts';
import { isActive } from '../run-status.ts';
import type { AgentState, Note, Phase, RunState, Settings } from '../state.ts';
import { answersInPlace } from '../wire.ts';
import { withAgentEnded, withAgentEvents } from './agent.ts';
import { climb } from './climb.ts';
import { withFollowed } from './followed.ts';
import { withGateEnded, withGateStarted } from './gate.ts';
import { withBestKept } from './kept.ts';
import { shown, withNoteGiven, withNoteWritten, withoutQuestion, withQuestion } from './question.ts';
import { withoutReflector } from './reflect.ts';
import { beginPass, ended, held, inPhase, traced, wish, wishEnd, withNote, withoutAgent } from './steps.ts';
import { cut, heard, newlyWatched, suspected } from './stuck.ts';
import { withWireRead, withWireSent } from './wire.ts';

export function foldRun(before: RunState, event: RunEvent, at: number, settings: Settings): RunState {
  const after = before.status.tag === 'ended' ? foldEnded(before, event, at) : foldOpen(before, event, at, settings);
  if (after === before) return before;
  const usd = after.meter.total.usd - before.meter.total.usd;
  const pace = usd > 0 ? spentAt(after.pace, at, usd) : after.pace;
  const trust = after.meter === before.meter && after.wire === before.wire ? before.provenance : trustIn(after);
  const next = { ...after, pace, lastEventAt: Math.max(before.lastEventAt, at), provenance: trust };
  return clocked(before, shown(next), at);
}

/** Of a request on the wire nothing may be known yet: until its bill is there the meter is not exact. */
function trustIn({ meter, wire }: RunState): RunState['provenance'] {
  const known = provenance(meter);
  return known === 'exact' && Object.keys(wire).length > 0 ? 'live' : known;
}

/** Starts and stops the wall clock where the run became or stopped being active. */
function clocked(before: RunState, after: RunState, at: number): RunState {
  const active = isActive(after);
  if (active === (before.wall.since !== null)) return after;
  if (active) return heard({ ...after, wall: { ms: after.wall.ms, since: at } }, at);
  return { ...after, wall: { ms: before.wall.ms + Math.max(0, at - (before.wall.since ?? at)), since: null } };
}

/** Phases in which an agent works. */
const isAtAgent = (phase: Phase): boolean => phase === 'making' || phase === 'checking' || phase === 'reflecting';

function foldEnded(run: RunState, event: RunEvent, at: number): RunState {
  switch (event.type) {
    case 'followed':
      return withFollowed(run, event, at);
    case 'agent-read':
      return withAgentEvents(run, event, at);
    case 'agent-ended':
      return withAgentEnded(run, event, at);
    case 'wire-sent':
      return withWireSent(run, event, at);
    case 'wire-read':
      return withWireRead(run, event, at);
    case 'torn-down':
      return traced({ ...run, tornDown: true }, at, 'system', event.kept ?? 'worktree removed');
    case 'best-kept':
      return withBestKept(run, event, at);
    default:
      return run;
  }
}

function foldOpen(run: RunState, event: RunEvent, at: number, settings: Settings): RunState {
  if (run.status.tag !== 'open') return run;
  const { phase, hold } = run.status;
  switch (event.type) {
    case 'run-queued':
      return run;
    case 'prepare-started':
      return phase === 'queued' ? { ...inPhase(run, 'preparing'), startedAt: at } : run;
    case 'prepared': {
      if (phase !== 'queued' && phase !== 'preparing') return run;
      const { worktree, branch, base, target = null, bars = {}, references = {} } = event;
      const prepared = { ...run, startedAt: run.startedAt ?? at, worktree, branch, base, target, bars, references };
      return beginPass(inPhase(prepared, 'making'), at);
    }
    case 'agent-planned': {
      if (!isAtAgent(phase) || hold !== null || run.kill || (run.agent !== null && run.agent.fact.is !== 'dead'))
        return run;
      const agent: AgentState = {
        id: event.agent,
        role: event.role,
        pass: run.pass,
        engine: event.engine,
        model: event.model,
        resumes: event.resumes,
        fact: { is: 'planned' },
        wish: { to: 'run' },
        session: null,
        guidance: event.guidance,
        offset: 0,
        outcome: null,
        startedAt: null,
        limited: false,
        wire: event.wire ? { requests: 0, own: false } : null,
        said: '',
        ...(event.books === undefined ? {} : { books: event.books }),
        ...(event.resumes !== null && event.resumes === run.session?.id && run.session.total !== undefined
          ? { before: run.session.total }
          : {}),
      };
      const carried = new Set(event.notes);
      const notes = run.notes.map((note): Note => (carried.has(note.id) ? { ...note, state: 'carried' } : note));
      const begun = newlyWatched({ ...run, agent, agents: run.agents + 1 }, at);
      // What the maker goes on with is not for those who judge its work.
      return isMaker(event.role) ? { ...begun, next: { how: 'fresh' }, rulesShown: event.rules, notes } : begun;
    }
    case 'agent-started': {
      const { agent } = run;
      if (agent?.id !== event.agent || agent.fact.is === 'dead') return run;
      const { process, containment } = event;
      const fact: AgentState['fact'] =
        agent.fact.is === 'frozen' ? { ...agent.fact, process, containment } : { is: 'alive', process, containment };
      const started = heard({ ...run, agent: { ...agent, fact, startedAt: agent.startedAt ?? at } }, at);
      return event.adopted ? traced(started, at, 'system', 'adopted by a new supervisor') : started;
    }
    case 'followed':
      return withFollowed(run, event, at);
    case 'agent-read':
      return withAgentEvents(run, event, at);
    case 'wire-sent':
      return withWireSent(run, event, at);
    case 'wire-read':
      return withWireRead(run, event, at);
    case 'agent-frozen': {
      const { agent } = run;
      if (agent?.id !== event.agent || agent.fact.is !== 'alive') return run;
      return { ...run, agent: { ...agent, fact: { ...agent.fact, is: 'frozen', processes: event.processes } } };
    }
    case 'agent-thawed': {
      const { agent } = run;
      if (agent?.id !== event.agent || agent.fact.is !== 'frozen') return run;
      const { process, containment } = agent.fact;
      return heard({ ...run, agent: { ...agent, fact: { is: 'alive', process, containment } } }, at);
    }
    case 'agent-ended':
      return withAgentEnded(run, event, at);
    case 'agent-unstartable': {
      if (run.agent?.id !== event.agent) return run;
      return ended(
        withoutAgent(run),
        { kind: 'failed', why: event.why === 'infra' ? 'infra' : 'config', detail: event.detail },
        at,
      );
    }
    case 'gate-started':
      return withGateStarted(run, event);
    case 'gate-ended':
      return withGateEnded(run, event, at);
    case 'committed':
      return phase === 'green'
        ? traced(
            { ...inPhase(run, 'review'), commit: event.commit, review: event.review ?? null },
            at,
            'system',
            `committed ${event.commit.slice(0, 8)} on ${run.branch}: ${event.files} files, +${event.added} -${event.removed}`,
          )
        : run;
    case 'pushed':
    case 'land-asked':
    case 'land-withdrawn':
    case 'land-refused':
    case 'land-merged':
    case 'land-conflicted':
    case 'land-gate-started':
    case 'land-gate-ended':
    case 'land-stale':
    case 'land-returned':
    case 'sent-back':
      return foldLanding(run, event, at);
    case 'torn-down':
      return { ...run, tornDown: true };
    case 'best-kept':
      return withBestKept(run, event, at);
    case 'budget-warned':
      return traced(
        { ...run, warned: { ...run.warned, [event.cap]: event.share } },
        at,
        'system',
        `${Math.round(event.share * 100)} % of the ${event.cap} budget is used`,
      );
    case 'paused': {
      const paused = held(run, { kind: 'paused', why: event.why, detail: event.detail, since: at });
      return traced(wishEnd(paused, event.why === 'budget' ? 'budget' : 'stuck', false), at, 'system', event.detail);
    }
    case 'reflection-skipped':
      return phase === 'reflecting' && hold === null ? withoutReflector(run, event.because, at) : run;
    case 'wrapped-up':
      return traced(wishEnd({ ...run, wrapUp: event.detail }, 'budget', false), at, 'system', event.detail);
    case 'parked': {
      if (hold !== null) return run;
      const waits = traced(
        held({ ...run, retry: null }, { kind: 'paused', why: event.why, detail: event.detail, since: at }),
        at,
        'system',
        event.detail,
      );
      return event.freeze ? wish(waits, { to: 'freeze' }) : wishEnd(waits, 'stop', true);
    }
    case 'unparked':
      return hold?.kind === 'paused' && (hold.why === 'rate-limit' || hold.why === 'login')
        ? traced(goesOn(run), at, 'system', 'the provider may answer again')
        : run;
    case 'nudged':
      return {
        ...withNote(run, `nudge-${event.rule}-${run.pass}-${run.nudged.length}`, event.text, 'looptop', at),
        nudged: [...run.nudged, event.rule],
      };
    case 'suspected':
      return suspected(run, event, at);
    case 'pass-cut':
      return cut(run, event, at);
    case 'climbed': {
      const how = answersInPlace(run, event.maker, resolveModel(event.maker, settings)) ? IN_PLACE : '';
      return traced(
        climb(run, event.rung, event.maker, event.because, settings),
        at,
        'system',
        `climbs to ${event.maker.model}: ${event.because}${how}`,
      );
    }
    case 'run-failed':
      return ended(run, { kind: 'failed', why: event.why, detail: event.detail }, at);
    case 'note-written':
      return withNoteWritten(run, event);
    case 'question-asked':
      return withQuestion(run, event, at);
    case 'question-closed':
      return withoutQuestion(run, event, at);
    case 'draft-made':
      return { ...run, draft: event.draft };
    case 'kill-confirmed': {
      if (run.kill === null) return run;
      // Sent is not confirmed: while something lives, the run goes on ending.
      if (event.survivors > 0) return traced(run, at, 'system', `${event.survivors} processes could not be ended yet`);
      const words = `${event.processes} processes ended, none left, ${event.ms} ms`;
      return ended(run, { kind: 'killed', by: run.kill.by }, at, words);
    }
    case 'freeze-asked':
      return hold?.kind === 'frozen'
        ? run
        : wish(held(run, { kind: 'frozen', by: event.by, since: at }), { to: 'freeze' });
    case 'resume-asked':
      return resumed(run);
    case 'drain-asked':
      return { ...run, drain: { by: event.by } };
    case 'stop-asked': {
      const detail = event.cause === 'down' ? 'the supervisor went down' : `stopped by ${event.by}`;
      return wishEnd(held(run, { kind: 'paused', why: 'operator', detail, since: at }), event.cause, event.polite);
    }
    case 'kill-asked':
      return run.kill ? run : wishEnd({ ...run, kill: { askedAt: at, by: event.by } }, 'kill', false);
    case 'run-ended':
      return event.end.kind === 'landed' && phase !== 'review' ? run : ended(run, event.end, at);
    case 'escalated': {
      const noted = event.note === '' ? run : withNote(run, `escalation-${run.pass}-${at}`, event.note, event.by, at);
      const free = hold?.kind === 'paused' && hold.why === 'budget' ? noted : held(noted, null);
      const stays = answersInPlace(run, event.maker, resolveModel(event.maker, settings));
      const climbed = traced(
        climb(free, event.rung, event.maker, `escalated by ${event.by}`, settings),
        at,
        'system',
        `escalated to ${event.maker.model} by ${event.by}${stays ? IN_PLACE : ''}`,
      );
      if (stays) return wish({ ...climbed, retry: null }, { to: 'run' });
      return wishEnd({ ...climbed, retry: null, next: { how: 'resume', because: 'escalate' } }, 'escalate', true);
    }
    case 'note-given':
      return withNoteGiven(run, event, at);
    case 'draft-dropped':
      return { ...run, draft: null, ruled: run.draft ? [...run.ruled, run.draft.fingerprint] : run.ruled };
    case 'budget-raised': {
      const raised = { ...run, budget: event.budget, warned: {}, wrapUp: null };
      return hold?.kind === 'paused' && hold.why === 'budget' ? resumed(raised) : raised;
    }
  }
}

/** How the trace says that the process was not ended for another model. */
const IN_PLACE = ', from its next request on';

/** Clears whatever holds the run; a run whose passes were used up goes on with a new one. */
function resumed(run: RunState): RunState {
  return goesOn({
    ...run,
    drain: null,
    retry: null,
    wrapUp: null,
    forgiven: run.passes.filter((pass) => pass.endedAt !== null).length,
  });
}

/** Clears the hold and nothing else. */
function goesOn(run: RunState): RunState {
  const free = held(run, null);
  if (free.agent !== null && free.agent.fact.is !== 'dead')
    return free.agent.wish.to === 'freeze' ? wish(free, { to: 'run' }) : free;
  return free.status.tag === 'open' && free.status.phase === 'reflecting'
    ? beginPass(inPhase(free, 'making'), free.lastEventAt)
    : free;
}
