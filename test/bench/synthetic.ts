/** What folding and deciding cost by themselves: events of a hundred agents, and one long life with thousands of responses. No processes. */
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { decide } from '../../source/loop/decide.ts';
import type { Event, Stamped } from '../../source/loop/event.ts';
import { emptyFleet, fold } from '../../source/loop/fold.ts';
import type { FleetState } from '../../source/loop/state.ts';
import type { RunId } from '../../source/loop/units.ts';
import { encodeRecord } from '../../source/supervisor/journal/line.ts';
import { agentId, madeLoop, queued, stamp } from '../loop/made-loop.ts';

const AGENT = agentId('1-maker');
const TEXT = 'comparing the total of src/cart.js with what its test expects, line';

const runId = (n: number) => `fix-${n}` as RunId;

function read(run: RunId, offset: number, ...events: AgentEvent[]): Event {
  return { type: 'agent-read', run, agent: AGENT, offset, events };
}

/** A fleet of `agents` agents at work. */
function fleetOf(agents: number): FleetState {
  let state = emptyFleet();
  const definition = madeLoop({ budget: { tokens: 1e12, usd: 1e9, wallMs: 1e12, passes: 8 } });
  const process = { pid: 1, startTime: '1', bootId: 'boot' };
  for (let n = 0; n < agents; n++) {
    const run = runId(n);
    const events: Event[] = [
      queued(definition, run),
      { type: 'prepare-started', run },
      { type: 'prepared', run, worktree: '/w', branch: 'b', base: 'c' },
      {
        type: 'agent-planned',
        run,
        agent: AGENT,
        role: 'maker',
        engine: 'scripted',
        model: 'standard',
        resumes: null,
        promptHash: '',
        rules: [],
        notes: [],
        wire: false,
        guidance: true,
      },
      { type: 'agent-started', run, agent: AGENT, process, containment: 'marked', adopted: false },
    ];
    state = events.reduce((next, event, at) => fold(next, stamp(event, at + 1)), state);
  }
  return state;
}

/** One turn of an agent's talk: it thinks, calls a tool, sees the result, and its response is billed twice. */
function turn(n: number): AgentEvent[] {
  const tokens = { input: 4, cacheRead: 9000, cacheWrite: 300, output: 1, reasoning: 0 };
  const usage = { type: 'usage', key: `msg-${n}`, model: 'sonnet', tokens, usd: 0.01 } as const;
  return [
    { ...usage, final: false },
    { type: 'thought', text: `${TEXT} ${n}` },
    { type: 'acted', id: `call-${n}`, tool: 'Bash', input: `sed -n ${n}p src/cart.js`, hash: `h${n}` },
    { ...usage, tokens: { ...tokens, output: 200 }, final: true },
    { type: 'observed', id: `call-${n}`, ok: true, output: TEXT, hash: `r${n}` },
  ];
}

const perSecond = (count: number, work: () => void): number => {
  const began = performance.now();
  work();
  return (count * 1000) / (performance.now() - began);
};

/** Agent events a second through fold alone, a line of output an event, `agents` agents in turn. */
export function foldRate(agents: number, events: number): number {
  let state = fleetOf(agents);
  const stamped = Array.from({ length: events }, (_, n): Stamped => {
    return stamp(read(runId(n % agents), n, { type: 'said', text: `${TEXT} ${n}` }), n + 10);
  });
  return perSecond(events, () => {
    for (const each of stamped) state = fold(state, each);
  });
}

/** Calls of `decide` a second on a fleet of `agents` agents with full traces and calls behind them. */
export function decideRate(agents: number, calls: number): number {
  let state = fleetOf(agents);
  for (let n = 0; n < 70; n++)
    for (let run = 0; run < agents; run++) state = fold(state, stamp(read(runId(run), n, ...turn(n)), n + 10));
  return perSecond(calls, () => {
    for (let n = 0; n < calls; n++) decide(state, 100_000 + n);
  });
}

/** One process of `responses` responses: milliseconds of fold for the first tenth and for the last. */
export function longLife(responses: number): { readonly first: number; readonly last: number } {
  let state = fleetOf(1);
  const tenth = Math.floor(responses / 10);
  const play = (from: number, to: number): number => {
    const began = performance.now();
    for (let n = from; n < to; n++) state = fold(state, stamp(read(runId(0), n, ...turn(n)), n + 10));
    return performance.now() - began;
  };
  const first = play(0, tenth);
  play(tenth, responses - tenth);
  return { first, last: play(responses - tenth, responses) };
}

/** Bytes that a line of output takes in the journal when it is read alone, and the snapshot of a fleet in full swing, in bytes. */
export function sizes(agents: number): { readonly line: number; readonly snapshot: number } {
  let state = fleetOf(agents);
  for (let n = 0; n < 100; n++)
    for (let run = 0; run < agents; run++) state = fold(state, stamp(read(runId(run), n, ...turn(n)), n + 10));
  const line = encodeRecord(stamp(read(runId(7), 123_456, { type: 'said', text: `${TEXT} 1234` }), 1_700_000_000));
  return { line: line.length, snapshot: JSON.stringify(state).length };
}
