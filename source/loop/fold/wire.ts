/** What the wire meter saw makes of the run: reservations come and go, bills are counted also when the agent is dead or the run has ended. */
import type { AgentEvent } from '../agent-event.ts';
import type { RunEvent } from '../event.ts';
import { record, settle } from '../meter.ts';
import type { AgentWire, RunState } from '../state.ts';
import { withAgentEvent } from './agent.ts';

export function withWireSent(run: RunState, event: Extract<RunEvent, { type: 'wire-sent' }>, at: number): RunState {
  const { agent } = run;
  const { key, model, bound } = event;
  const sent: RunState = { ...run, wire: { ...run.wire, [key]: { agent: event.agent, model, bound, at } } };
  if (agent?.id !== event.agent || agent.wire === null) return sent;
  const { requests, own, models = [] } = agent.wire;
  const wire: AgentWire = {
    requests: requests + 1,
    own: own || event.own,
    models: models.includes(model) ? models : [...models, model],
  };
  return { ...sent, agent: { ...agent, wire } };
}

export function withWireRead(run: RunState, event: Extract<RunEvent, { type: 'wire-read' }>, at: number): RunState {
  const present = run.agent?.id === event.agent && run.agent.fact.is !== 'dead';
  const heard = (next: RunState, one: AgentEvent): RunState => {
    if (one.type === 'usage') return { ...next, meter: record(next.meter, one) };
    return present ? withAgentEvent(next, one, at) : next;
  };
  const read = event.events.reduce(heard, run);
  if (!event.closed) return read;
  const { [event.key]: _closed, ...wire } = read.wire;
  // Its agent is dead, and settled but for this.
  const meter = present ? read.meter : settle(read.meter, (key) => key !== event.key);
  return { ...read, meter, wire };
}
